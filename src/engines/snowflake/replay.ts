import { GreenlightError } from '../../errors.ts';
import type { Location, Replayer, TablePair } from '../engine.ts';
import { keyOf, rowsNotTaken } from '../replay.ts';
import { list } from '../sql.ts';
import { Session, toNumber } from './connection.ts';
import { explain, withoutData } from './errors.ts';
import { type Place, placeOf, qualified, quote } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { anyDeviates, joined, type Sources } from './reading.ts';
import { nameOf, split } from './rows.ts';
import { rowsOf } from './workspace.ts';

export function snowflakeReplay(options: SnowflakeOptions): Replayer {
  return { bringOver: (...args) => bringOver(options, ...args) };
}

/** Rows of keys that are not the very same on both sides go, and come as `from` has them: in one transaction of DML. */
async function bringOver(
  options: SnowflakeOptions,
  from: Location,
  to: Location,
  tables: readonly TablePair[],
  purpose: string,
): Promise<void> {
  const [source, target] = [placeOf(from), placeOf(to)];
  try {
    await Session.use(options, { purpose }, async (session) => {
      for (const pair of tables) await requireKey(session, pair, source, target);
      await session.transaction(async () => {
        for (const pair of tables) {
          await session.run(takeOut(pair, source, target));
          await session.run(bringIn(pair, source, target));
        }
      });
    });
  } catch (error) {
    throw notTaken(error, to);
  }
}

/** By a key that stands there twice, not every row finds its own: then none is brought over. */
async function requireKey(
  session: Session,
  pair: TablePair,
  source: Place,
  target: Place,
): Promise<void> {
  const key = keyOf(pair).map(quote);
  for (const place of [source, target]) {
    const [row] = rowsOf(
      await session.table(
        `SELECT COUNT(*) AS all_rows, COUNT(DISTINCT ${key.join(', ')}) AS all_keys FROM ${relation(place, pair)}`,
      ),
    );
    if (toNumber(row?.all_rows) === toNumber(row?.all_keys)) continue;
    throw new GreenlightError({
      what: `Rows of ${nameOf(pair)} cannot be brought over one by one: its key is not unique, or holds NULL.`,
      where: nameOf(pair),
      cause: `key ${keyOf(pair).join(', ')}`,
      help: 'Name columns in compare.keys that tell its rows apart.',
    });
  }
}

/** Rows whose key `from` has not, and rows that are not the very same there. */
function takeOut(pair: TablePair, source: Place, target: Place): string {
  const { key, values } = split({ ...pair, key: keyOf(pair) });
  const sources: Sources = {
    old: relation(target, pair),
    new: relation(source, pair),
    mode: 'strict',
  };
  const raw = key.map(({ name }) => ({ name, old: true, new: true }));
  return `DELETE FROM ${relation(target, pair)} AS t
    WHERE (${list(key, ({ name }) => `t.${quote(name)}`)}) IN (
      SELECT ${list(key, (_, at) => `o.r${at}`)} FROM ${joined(sources, key, values, raw)}
      WHERE o.here AND (n.here IS NULL OR ${anyDeviates(values)}))`;
}

function bringIn(pair: TablePair, source: Place, target: Place): string {
  const columns = list(pair.columns, ({ name }) => quote(name));
  const isKey = list(keyOf(pair), (name) => `t.${quote(name)} = f.${quote(name)}`, ' AND ');
  const [first = ''] = keyOf(pair);
  return `INSERT INTO ${relation(target, pair)} (${columns})
    SELECT ${list(pair.columns, ({ name }) => `f.${quote(name)}`)}
    FROM ${relation(source, pair)} AS f LEFT OUTER JOIN ${relation(target, pair)} AS t ON ${isKey}
    WHERE t.${quote(first)} IS NULL`;
}

function relation({ database, schema }: Place, pair: TablePair): string {
  return qualified(database, schema ?? pair.schema, pair.name);
}

function notTaken(error: unknown, to: Location): unknown {
  const explained = explain(error, to);
  return explained instanceof GreenlightError ? explained : rowsNotTaken(to, withoutData(error));
}
