import { GreenlightError, messageOf } from '../../errors.ts';
import type { Location, Replayer, TablePair } from '../engine.ts';
import { keyOf, rowsNotTaken } from '../replay.ts';
import { list, sqlComment } from '../sql.ts';
import { Duckdb, type DuckdbOptions, quote } from './connection.ts';
import { requireNoLog } from './databases.ts';
import { explain, withoutData } from './errors.ts';
import { anyDeviates, attached, joined } from './reading.ts';
import { Workspace } from './workspace.ts';

/** Both databases are attached to one instance in memory; the rows go from one to the other inside it. */
export function duckdbReplay(options: DuckdbOptions): Replayer {
  return { bringOver: (...args) => bringOver(options, ...args) };
}

async function bringOver(
  options: DuckdbOptions,
  from: Location,
  to: Location,
  tables: readonly TablePair[],
  purpose: string,
): Promise<void> {
  const duckdb = await Duckdb.open(null, options);
  try {
    await duckdb.attach(from, attached.new, 'read');
    await duckdb.attach(to, attached.old, 'write');
    await duckdb.run("SET GLOBAL TimeZone = 'UTC'");
    const workspace = await Workspace.open(duckdb, {
      blocks: null,
      readings: { old: [], new: [] },
      store: null,
      purpose,
    });
    // Before the transaction: it may write to one database only.
    const differing: string[] = [];
    for (const pair of tables) differing.push(await listDiffering(workspace, pair));
    await duckdb.run('BEGIN');
    for (const [at, pair] of tables.entries()) {
      for (const statement of replacing(pair, differing[at] ?? '', purpose))
        await duckdb.run(statement);
    }
    await duckdb.run('COMMIT');
    await duckdb.run(`CHECKPOINT ${quote(attached.old)}`);
  } catch (error) {
    throw notTaken(error, to);
  } finally {
    // What was not committed is undone.
    duckdb.close();
  }
  await requireNoLog(to);
}

/** A table in memory of the keys whose rows are not the very same on both sides. `stays`: `from` has a row for it. */
async function listDiffering(workspace: Workspace, pair: TablePair): Promise<string> {
  const sources = await workspace.sources(pair);
  const names = keyOf(pair);
  const isKey = (name: string) => names.includes(name);
  const key = names.flatMap((name) => pair.columns.filter((column) => column.name === name));
  const columns = pair.columns.filter(({ name }) => !isKey(name));
  const raw = key.map(({ name }) => ({ name, old: true, new: true }));
  const table = workspace.scratchTable();
  const values = list(key, (_, at) => `CASE WHEN n.here THEN n.r${at} ELSE o.r${at} END AS k${at}`);
  await workspace.run(
    `list the rows of ${pair.schema}.${pair.name} that differ`,
    `CREATE TABLE ${table} AS SELECT ${values}, n.here IS NOT NULL AS stays
       FROM ${joined(sources, key, columns, null, { raw })}
       WHERE o.here IS NULL OR n.here IS NULL OR ${anyDeviates(columns, sources)}`,
  );
  return table;
}

/** Rows of these keys go, and come as `from` has them: an UPDATE of DuckDB would leave 0.0 where -0.0 comes. */
function replacing(pair: TablePair, differing: string, purpose: string): string[] {
  const name = `${quote(pair.schema)}.${quote(pair.name)}`;
  const [to, from] = [`${quote(attached.old)}.${name}`, `${quote(attached.new)}.${name}`];
  const columns = list(pair.columns, (column) => quote(column.name));
  const isDiffering = (side: string, also = '') =>
    `EXISTS (FROM ${differing} AS d WHERE ${list(keyOf(pair), (key, at) => `d.k${at} = ${side}.${quote(key)}`, ' AND ')}${also})`;
  const comment = (about: string) => sqlComment(`${purpose}: ${about} ${pair.schema}.${pair.name}`);
  return [
    `${comment('take out the rows that differ of')}DELETE FROM ${to} AS t WHERE ${isDiffering('t')}`,
    `${comment('bring over the rows that differ of')}INSERT INTO ${to} (${columns}) SELECT ${columns} FROM ${from} AS f WHERE ${isDiffering('f', ' AND d.stays')}`,
  ];
}

function notTaken(error: unknown, to: Location): unknown {
  const explained = explain(error, to);
  return explained instanceof GreenlightError
    ? explained
    : rowsNotTaken(to, withoutData(messageOf(error)));
}
