import { list } from '../sql.ts';
import { type DatabaseFile, placeOfFile } from './backup.ts';
import { literal, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import type { Server } from './server.ts';

/** Why this server, or this database, can have no database snapshots; null: it can. */
export function noSnapshots(server: Server, files: readonly DatabaseFile[]): string | null {
  if (server.kind !== 'box') return 'Azure SQL has no database snapshots';
  if (files.some(({ type }) => type === 'FILESTREAM'))
    return 'a database with FILESTREAM or memory-optimized data cannot have a snapshot that holds all of it';
  return null;
}

/** A read-only image that shares all pages with its source until the source changes them. */
export function snapshotStatement(
  snapshot: string,
  source: string,
  files: readonly DatabaseFile[],
  server: Server,
  options: Pick<SqlserverOptions, 'files'>,
): string {
  const sparse = list(
    files.filter(({ type }) => type === 'ROWS'),
    (file) =>
      `(NAME = ${literal(file.name)}, FILENAME = ${literal(placeOfFile(snapshot, file, server, options, '.ss'))})`,
  );
  return `CREATE DATABASE ${quote(snapshot)} ON ${sparse} AS SNAPSHOT OF ${quote(source)}`;
}
