import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

interface Driver {
  readonly name: string;
  readonly exports: readonly string[];
}

// @ts-expect-error a script of the build, without types
const { drivers } = (await import('../scripts/build.mjs')) as { drivers: readonly Driver[] };

/** The bundle of a driver has the exports that the build lists. What is missing there is undefined when it is used. */
test.each(drivers)('the bundle of $name has what the source takes from it', async (driver) => {
  const files = await readdir('src', { recursive: true });
  const texts = await Promise.all(
    files.filter((file) => file.endsWith('.ts')).map((file) => readFile(join('src', file), 'utf8')),
  );
  const taken = texts.flatMap((text) => namesTaken(text, driver.name));
  expect(taken.filter((name) => !driver.exports.includes(name))).toEqual([]);
  const there = await import(driver.name);
  const isThere = (name: string) => name in there || name in (there.default ?? {});
  expect(driver.exports.filter((name) => !isThere(name))).toEqual([]);
});

/** `const { a, b } = await import('driver')`, and `Pick<typeof import('driver'), 'a' | 'b'>`. */
function namesTaken(text: string, driver: string): string[] {
  const imported = `import\\('${driver.replace('/', '\\/')}'\\)`;
  const unpacked = [...text.matchAll(new RegExp(`\\{([^{}]*)\\} = await ${imported}`, 'g'))];
  const picked = [...text.matchAll(new RegExp(`Pick<\\s*typeof ${imported},([^>]*)>`, 'g'))];
  return [...unpacked, ...picked].flatMap(([, names = '']) => names.match(/\w+/g) ?? []);
}
