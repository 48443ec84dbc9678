import { readFile, writeFile } from 'node:fs/promises';
import { visible } from '../format.ts';

/** Sets values in a file of `NAME=value` lines; those that are there under other names stay. */
export async function setInDotenv(
  file: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '');
  const known = new Map<string, string>();
  for (const line of before.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) known.set(line.slice(0, at), line.slice(at + 1));
  }
  // The format has no way to hold a line break.
  for (const [name, value] of Object.entries(values)) known.set(name, visible(value));
  await writeFile(file, [...known].map(([name, value]) => `${name}=${value}\n`).join(''));
}
