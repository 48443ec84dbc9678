import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Location, Places } from '../engine.ts';
import { placesByRole } from '../places.ts';

/**
 * Everything of a release stands in `.greenlight/<release>/` beside live: on the same file system, so that it can be
 * renamed into place, and under live's own file name, so that DuckDB gives it the same catalog name as live.
 */
export function duckdbPlaces(root: string, live: string): Places & { readonly workFolder: string } {
  const file = real(resolve(root, live));
  const workFolder = join(dirname(file), '.greenlight');
  const place = (release: string, role: string): Location =>
    join(workFolder, release, role, basename(file));
  return {
    live: file,
    workFolder,
    ...placesByRole(place, (role) => join('rehearsal', role)),
    // DuckDB calls a file's database by the file's name up to its first dot.
    names: (at) => [basename(at).split('.', 1)[0] ?? '', at],
    describe: (at) => (relative(root, at).startsWith('..') ? at : relative(root, at)),
  };
}

/** The file behind a link. A link to live stays: what it points to is swapped. */
export function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
