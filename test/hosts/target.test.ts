import { expect, test } from '@jest/globals';
import { targetOf } from '../../src/hosts/target.ts';

const sha = (digit: string) => digit.repeat(40);

test('GitHub names the branch of a pull request, and none of a push', () => {
  expect(targetOf({ GITHUB_BASE_REF: 'release/1' })).toEqual(['refs/remotes/origin/release/1']);
  expect(targetOf({ GITHUB_BASE_REF: '' })).toEqual([]);
});

test('GitLab names the commit that the merged result is built on, the branch, and where the change began', () => {
  const env = {
    CI_MERGE_REQUEST_DIFF_BASE_SHA: sha('b'),
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    CI_MERGE_REQUEST_TARGET_BRANCH_SHA: sha('a'),
  };
  expect(targetOf(env)).toEqual([sha('a'), 'refs/remotes/origin/main', sha('b')]);
  expect(targetOf({ ...env, CI_MERGE_REQUEST_TARGET_BRANCH_SHA: '' })).toEqual([
    'refs/remotes/origin/main',
    sha('b'),
  ]);
});

test('nothing that is no commit becomes an argument of git', () => {
  expect(targetOf({ CI_MERGE_REQUEST_DIFF_BASE_SHA: '--output=x' })).toEqual([]);
  expect(targetOf({ GITHUB_BASE_REF: '--output=x' })).toEqual(['refs/remotes/origin/--output=x']);
});

test('elsewhere nobody says', () => {
  expect(targetOf({})).toEqual([]);
});
