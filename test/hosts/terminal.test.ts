import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { terminalHost } from '../../src/hosts/terminal.ts';
import { Memory } from '../support/memory.ts';

let stream: Memory;
beforeEach(() => {
  stream = new Memory();
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const host = (options: { isTTY?: boolean; quiet?: boolean; env?: NodeJS.ProcessEnv } = {}) =>
  terminalHost({ stream, isTTY: false, quiet: false, env: {}, ...options });

describe('in a log', () => {
  test('a task has a line when it begins and one when it ends', () => {
    const task = host().progress.task('clone');
    jest.advanceTimersByTime(1234);
    task.advance(1);
    task.done('1.2 GB copied');
    task.done();
    expect(stream.lines).toEqual(['clone ...', 'clone: done, 1.2 GB copied (1.2 s)']);
  });

  test('a task that fails says so', () => {
    host().progress.task('clone').failed();
    expect(stream.lines).toEqual(['clone ...', 'clone: failed (0 ms)']);
  });

  test('a long one tells now and then how far it is', () => {
    const task = host().progress.task('compare', 200);
    task.advance(10, 'marts.a');
    jest.advanceTimersByTime(9999);
    task.advance(50, 'marts.b');
    expect(stream.lines).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(stream.lines).toEqual([
      'compare ...',
      '  compare: 25 %, marts.b, 10 s, about 30 s left',
    ]);
    jest.advanceTimersByTime(3_600_000);
    expect(stream.lines.length).toBeLessThan(60);
    const told = stream.lines.length;
    task.done();
    jest.advanceTimersByTime(3_600_000);
    expect(stream.lines).toHaveLength(told + 1);
  });

  test('without a total there is no share, and a wrong one does no harm', () => {
    const { progress } = host();
    const [open, empty, over] = [progress.task('a'), progress.task('b', 0), progress.task('c', 1)];
    over.advance(7);
    jest.advanceTimersByTime(10_000);
    expect(stream.lines.slice(3)).toEqual(['  a: 10 s', '  b: 10 s', '  c: 100 %, 10 s']);
    for (const task of [open, empty, over]) task.done();
  });

  test('notes and warnings stand out without colours', () => {
    const { progress } = host();
    progress.note('copied: no reflinks here');
    progress.warn('2 tables have no key');
    expect(stream.lines).toEqual(['- copied: no reflinks here', 'warning: 2 tables have no key']);
  });

  test('no text commands the terminal or begins a line', () => {
    const { progress } = host();
    progress.note('a\n::error::b\x1b[2J');
    progress.task('\x1b]0;title\x07').done('c\rd');
    expect(stream.text).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(stream.lines[0]).toBe('- a\\n::error::b\\x1b[2J');
  });

  test.each([
    ['CI', { CI: 'true' }],
    ['a terminal without abilities', { TERM: 'dumb' }],
  ])('%s gets plain lines even on a terminal', (_, env) => {
    host({ isTTY: true, env }).progress.task('clone').done();
    expect(stream.lines.map(stripVTControlCharacters)).toEqual(['clone ...', 'clone: done (0 ms)']);
  });
});

test('a terminal without a size gets plain lines', () => {
  stream.columns = 0;
  host({ isTTY: true }).progress.task('clone').done();
  expect(stream.lines).toHaveLength(2);
});

describe('on a terminal', () => {
  /** Lets the library load; the clock of the test stands still meanwhile. */
  const loaded = async () => {
    await import('log-update');
    await Promise.resolve();
    await Promise.resolve();
  };
  /** What the last change of the live line shows. */
  const shown = () => stripVTControlCharacters(stream.text).trimEnd().split('\n').at(-1);

  test('one line keeps changing, and the last one stays', async () => {
    const task = host({ isTTY: true }).progress.task('compare', 4);
    await loaded();
    expect(stream.text).toBe('');
    jest.advanceTimersByTime(100);
    expect(shown()).toBe('compare: 0 %, 100 ms');
    task.advance(1, 'marts.delay');
    jest.advanceTimersByTime(5900);
    expect(shown()).toBe('compare: 25 %, marts.delay, 6 s, about 18 s left');
    task.done('all the same');
    expect(shown()).toBe('compare: done, all the same (6 s)');
    const { text } = stream;
    jest.advanceTimersByTime(60_000);
    expect(stream.text).toBe(text);
  });

  test('a note goes above the line', async () => {
    const { progress } = host({ isTTY: true });
    const task = progress.task('clone');
    await loaded();
    jest.advanceTimersByTime(100);
    progress.note('copied');
    const plain = stripVTControlCharacters(stream.text).split('\n');
    expect(plain.slice(-3)).toEqual(['- copied', 'clone: 100 ms', '']);
    task.done();
  });

  test('a line is no wider than the terminal', async () => {
    const task = host({ isTTY: true }).progress.task('x'.repeat(100));
    await loaded();
    jest.advanceTimersByTime(100);
    expect(shown()).toBe(`${'x'.repeat(58)}…`);
    task.done();
  });

  test('what ends before the library is loaded is told all the same', () => {
    host({ isTTY: true }).progress.task('clone').done();
    expect(stream.lines.map(stripVTControlCharacters)).toEqual(['clone: done (0 ms)']);
  });

  test('has colours, unless NO_COLOR is set', () => {
    host({ isTTY: true }).progress.warn('x');
    expect(stream.text).toContain('\x1b[33m');
    stream.text = '';
    host({ isTTY: true, env: { NO_COLOR: '1' } }).progress.warn('x');
    expect(stream.text).toBe('warning: x\n');
  });
});

test('quiet is silent', () => {
  const { progress } = host({ quiet: true, isTTY: true });
  const task = progress.task('clone', 3);
  task.advance(1);
  jest.advanceTimersByTime(60_000);
  task.done();
  progress.task('b').failed();
  progress.note('x');
  progress.warn('y');
  expect(stream.text).toBe('');
});

describe('the actor', () => {
  test.each([
    [{ GREENLIGHT_ACTOR: 'bot', GITHUB_ACTOR: 'octocat' }, 'bot'],
    [{ GITHUB_ACTOR: 'octocat', USER: 'runner' }, 'github:octocat'],
    [{ GITLAB_USER_LOGIN: 'alice', USER: 'runner' }, 'gitlab:alice'],
    [{ GITHUB_ACTOR: '', USER: 'alice' }, 'alice'],
  ])('%j', (env, actor) => {
    expect(host({ env }).actor).toBe(actor);
  });

  test('is never empty', () => {
    expect(host({ env: {} }).actor).not.toBe('');
  });
});
