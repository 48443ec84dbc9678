import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';

test('nothing outside of src/engines calls an engine by its name', async () => {
  const files = (await readdir('src', { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile() && /(?<!\.generated)\.(ts|js)$/.test(one.name))
    .map((one) => relative('.', join(one.parentPath, one.name)))
    .filter((file) => !file.startsWith(join('src', 'engines')));
  expect(files.length).toBeGreaterThan(100);
  const named: string[] = [];
  for (const file of files) {
    const lines = (await readFile(file, 'utf8')).split('\n');
    for (const [at, line] of lines.entries())
      if (/duckdb|postgres|snowflake|sql ?server/i.test(line))
        named.push(`${file}:${at + 1} ${line.trim()}`);
  }
  expect(named).toEqual([]);
});

test('what is known of the engines without loading one loads nothing', async () => {
  for (const file of ['names.ts', 'starters.ts']) {
    const text = await readFile(join('src', 'engines', file), 'utf8');
    expect(
      text.match(/\bimport (?!type\b).*$/gm)?.filter((line) => !/'\.\/names\.ts'/.test(line)) ?? [],
    ).toEqual([]);
  }
});
