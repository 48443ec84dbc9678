import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../../errors.ts';
import type { Physical } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import { readHeld } from './catalog.ts';
import { type ClientRun, type Clients, clientEnvironment, runClient } from './clients.ts';
import { Session } from './connection.ts';
import { withinCopyTimeout } from './copy-limit.ts';
import { createExtensions, type Extension, oddExtensions } from './extensions.ts';
import { lossesOf } from './losses.ts';
import {
  markOf,
  oneSnapshot,
  readContent,
  type SequencePosition,
  undecodedMarkOf,
} from './mark.ts';
import { locationOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';

/** What was copied, as of one instant. */
export interface Copy {
  readonly source: Physical;
  /** Saw what is in the copy, and nothing else. */
  readonly snapshot: string;
  /** Over what of the source logical decoding does not show. */
  readonly undecoded: string;
  readonly lacks: readonly string[];
}

/**
 * Copies a database by pg_dump and pg_restore while others work in it. Both sides of the copy are of one snapshot: the
 * source's mark is taken in the very snapshot that pg_dump reads. `to` is there, and empty.
 */
export async function copyByDump(
  from: string,
  { to, destination }: { readonly to: string; readonly destination: string },
  clients: Clients,
  options: PostgresOptions,
): Promise<Copy> {
  const folder = await ownFolder(`${options.host}:${options.port}/${destination}`);
  const dump = join(folder, 'dump');
  try {
    const env = await clientEnvironment(options, folder);
    const running = { database: from, timeoutMs: options.copyTimeoutMs };
    const reading = { purpose: 'clone', readOnly: true };
    const { content, ...seen } = await Session.use(from, options, reading, (session) =>
      session.transaction(async () => {
        await session.run(`SET LOCAL lock_timeout = '10s'`);
        const { exported, snapshot } = await session.row(
          'SELECT pg_export_snapshot() AS exported, pg_current_snapshot() AS snapshot',
        );
        const held = await Session.use(from, options, reading, (beside) =>
          readHeld(beside, String(exported)),
        );
        const extensions = await oddExtensions(session);
        const content = await readContent(session, { database: from, schema: null });
        if (content === null) throw new Error(`${from} has no content`);
        const source = await markOf(session, content, from);
        const views = await storedViews(session);
        const undecoded = await undecodedMarkOf(session, content, from);
        const args = [`--snapshot=${exported}`, ...dumpOptions, `--file=${dump}`];
        const dumping = { ...running, env: { ...env, PGDATABASE: from } };
        await runClient(clients, 'pg_dump', args, dumping);
        const copied = { source, snapshot: String(snapshot), undecoded };
        return { copied, content, views, held, extensions };
      }, oneSnapshot),
    );
    const restoring = { ...running, env: { ...env, PGDATABASE: to } };
    await restore({ clients, dump, into: to, options, restoring }, seen.extensions);
    return await Session.use(to, options, finishing, async (session) => {
      await setPositions(session, content.sequences);
      // Without statistics the first queries would be slow, and so would the comparison.
      await withinCopyTimeout(session, options, () => session.run('ANALYZE'));
      const lacks = [
        ...lossesOf(seen.held, await readHeld(session)),
        ...differingViews(seen.views, await storedViews(session)),
      ];
      return { ...seen.copied, lacks };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const finishing = { purpose: 'clone' };

interface Restoring {
  readonly clients: Clients;
  readonly dump: string;
  readonly into: string;
  readonly options: PostgresOptions;
  readonly restoring: ClientRun;
}

/** Extensions that have to come in a version of their own are made between the schemas and all the rest. */
async function restore(
  { clients, dump, into, options, restoring }: Restoring,
  extensions: readonly Extension[],
): Promise<void> {
  const run = (...args: string[]) => runClient(clients, 'pg_restore', args, restoring);
  const all = [...restoreOptions, '--dbname', ''];
  if (extensions.length === 0) return run(...all, dump);
  const listed = `${dump}.list`;
  await run('--list', `--file=${listed}`, dump);
  const entries = (await readFile(listed, 'utf8')).split('\n');
  const isSchema = (entry: string) => /^\d+; \d+ \d+ SCHEMA - /.test(entry);
  const some = async (chosen: readonly string[]) => {
    if (chosen.length === 0) return;
    await writeFile(listed, chosen.join('\n'), { mode: 0o600 });
    await run(...all, `--use-list=${listed}`, dump);
  };
  await some(entries.filter(isSchema));
  await Session.use(into, options, finishing, (session) => createExtensions(session, extensions));
  await some(entries.filter((entry) => !isSchema(entry)));
}

/**
 * A folder of this clone in the one for temporary files, where the dump stands meanwhile. What killed processes left of
 * clones to the same destination goes: it holds production's rows.
 */
async function ownFolder(destination: string): Promise<string> {
  const digest = createHash('sha256').update(destination).digest('hex').slice(0, 16);
  const prefix = `greenlight-clone-${digest}-`;
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length).split('-')[0])))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Reading and writing at the same time; more than a few hurt production. */
const jobs = Math.min(4, availableParallelism());

const dumpOptions = [
  '--format=directory',
  `--jobs=${jobs}`,
  '--compress=1',
  '--no-password',
  '--no-sync',
  // A copy must not begin to replicate what live subscribes to.
  '--no-subscriptions',
  '--lock-wait-timeout=10s',
];

const restoreOptions = [
  '--exit-on-error',
  '--no-password',
  `--jobs=${jobs}`,
  // A materialised view is computed as its owner would: without, where policies hide rows from him it fails.
  '--enable-row-security',
];

/** pg_dump reads sequences after the snapshot, when they may have gone on. */
async function setPositions(
  session: Session,
  sequences: readonly SequencePosition[],
): Promise<void> {
  for (const group of inGroups(sequences, 200)) {
    await session.rows(
      `SELECT ${list(
        group,
        (_, at) =>
          `setval($${at * 3 + 1}::regclass, $${at * 3 + 2}::bigint, $${at * 3 + 3}::boolean)`,
      )}`,
      group.flatMap(({ schema, name, lastValue, isCalled }) => [
        `${quote(schema)}.${quote(name)}`,
        lastValue,
        isCalled,
      ]),
    );
  }
}

/** Name and content of each populated materialised view; of one schema alone, which is shown as another, if it is given. */
export async function storedViews(
  session: Session,
  schema: string | null = null,
  shown = schema,
): Promise<Map<string, string>> {
  const views = await session.rows(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'm' AND c.relispopulated AND ($1::name IS NULL OR n.nspname = $1) ORDER BY 1, 2`,
    [schema],
  );
  const contents = new Map<string, string>();
  for (const { schema: own, name } of views) {
    const relation = `${quote(String(own))}.${quote(String(name))}`;
    const { content } = await session.row(
      `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(v::text, 0)), 0) AS content FROM ${relation} AS v`,
    );
    const at = { database: shown ?? String(own), schema: String(name), server: null };
    contents.set(locationOf(at), String(content));
  }
  return contents;
}

/** They are computed anew: one that was stale in the source is up to date in the copy. */
export function differingViews(
  source: ReadonlyMap<string, string>,
  copy: ReadonlyMap<string, string>,
): string[] {
  return [...source].flatMap(([name, content]) =>
    copy.get(name) === content
      ? []
      : [`the stale rows of materialized view ${name}: it was computed anew`],
  );
}
