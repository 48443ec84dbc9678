import { GreenlightError } from '../../errors.ts';
import type { Location, Replayer, TablePair } from '../engine.ts';
import { keyOf, rowsNotTaken } from '../replay.ts';
import { list } from '../sql.ts';
import { carryRows } from './carrying.ts';
import { Session } from './connection.ts';
import { explain, withoutData } from './errors.ts';
import { databaseOf, literal, qualified, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { goOn, readPositions } from './sequences.ts';
import { readServer } from './server.ts';
import { keepStill } from './stillness.ts';
import { columnsOfRelation, type Type, text, typeOf } from './types.ts';
import { anyDistinct, parts } from './values.ts';

export function sqlserverReplay(options: SqlserverOptions): Replayer {
  return {
    bringOver: (from, to, tables, purpose) => bringOver(from, to, tables, { purpose, options }),
  };
}

/** What there is of a table on both sides. */
interface Bringing {
  readonly pair: TablePair;
  /** Where the rows of the source are read, after FROM. */
  readonly from: string;
  readonly to: string;
  readonly types: ReadonlyMap<string, Type>;
  /** Columns that take a value: the database itself computes the others. */
  readonly given: readonly string[];
  readonly hasIdentity: boolean;
}

/**
 * The rows that differ go, and those of the source come as they are: triggers and foreign keys do not act meanwhile,
 * their work is done already in the source. All of it is one transaction of the target's database.
 */
async function bringOver(
  from: Location,
  to: Location,
  tables: readonly TablePair[],
  { purpose, options }: { readonly purpose: string; readonly options: SqlserverOptions },
): Promise<void> {
  try {
    await Session.use(to, options, { purpose }, async (writer) => {
      const { kind } = await readServer(writer);
      const work = (reader: Session | null) => bringAll(reader, writer, databaseOf(from), tables);
      if (kind === 'azure') await Session.use(from, options, { purpose }, work);
      else await work(null);
    });
  } catch (error) {
    throw notTaken(error, to);
  }
}

/** `reader`: a session of the source's database, where the server joins none; null: it does. */
async function bringAll(
  reader: Session | null,
  writer: Session,
  source: string,
  tables: readonly TablePair[],
): Promise<void> {
  const brought: Bringing[] = [];
  for (const [at, pair] of tables.entries())
    brought.push(await prepare(reader, writer, source, { pair, at }));
  await writer.transaction(async () => {
    const wake = await keepStill(writer, tables, { keys: true });
    for (const one of brought) await bringRows(writer, one);
    for (const one of brought) await setIdentity(reader ?? writer, writer, source, one);
    await goOn(writer, await readPositions(reader ?? writer, source));
    await wake();
  });
}

async function prepare(
  reader: Session | null,
  writer: Session,
  source: string,
  { pair, at }: { readonly pair: TablePair; readonly at: number },
): Promise<Bringing> {
  const { schema, name } = pair;
  const columns = await writer.rows(columnsOfRelation(writer.database, schema, name));
  const types = new Map(columns.map((row) => [String(row.name), typeOf(row)]));
  const facts = await writer.rows(
    `SELECT name, is_identity, CASE WHEN is_computed = 1 OR generated_always_type <> 0 THEN 1 ELSE 0 END AS is_made
     FROM sys.columns WHERE object_id = OBJECT_ID(@p1)`,
    [qualified(schema, name)],
  );
  const made = new Set(
    facts.filter(({ is_made }) => Number(is_made) === 1).map((row) => String(row.name)),
  );
  const given = pair.columns
    .map((column) => column.name)
    .filter((own) => !made.has(own) && types.get(own)?.name !== 'rowversion');
  const hasIdentity = facts.some(
    (row) => row.is_identity === true && given.includes(String(row.name)),
  );
  const to = qualified(schema, name);
  const whole = { pair, to, types, given, hasIdentity };
  if (reader === null) return { ...whole, from: qualified(source, schema, name) };
  const target = quote(`#greenlight ${at}`);
  await carryRows(reader, writer, {
    about: `bring the rows of ${schema}.${name}`,
    from: to,
    target,
    types: pair.columns.map((column) => [column.name, types.get(column.name) ?? text]),
    signal: undefined,
  });
  return { ...whole, from: target };
}

async function bringRows(writer: Session, bringing: Bringing): Promise<void> {
  const { to, hasIdentity } = bringing;
  await writer.run(deletion(bringing));
  // One batch: the setting is that of the session, and of one table at a time.
  const insert = insertion(bringing);
  await writer.run(
    hasIdentity ? `SET IDENTITY_INSERT ${to} ON; ${insert}; SET IDENTITY_INSERT ${to} OFF` : insert,
  );
  await requireAll(writer, bringing);
}

/** In the least: 1.0 is not 1.00 here. What differs goes and comes, so that two rows may exchange a unique value. */
export function deletion(bringing: Bringing): string {
  const { from, to, types, given } = bringing;
  const images = (side: string) =>
    given.flatMap((name) => {
      const type = types.get(name) ?? text;
      return parts(`${side}.${quote(name)}`, type, type, 'strict');
    });
  return `DELETE t FROM ${to} AS t
    WHERE NOT EXISTS (SELECT 1 FROM ${from} AS r WHERE ${isSameKey(bringing)} AND NOT (${anyDistinct(images('r'), images('t'))}))`;
}

export function insertion(bringing: Bringing): string {
  const { from, to, given } = bringing;
  return `INSERT INTO ${to} (${list(given, quote)})
    SELECT ${list(given, (name) => `r.${quote(name)}`)} FROM ${from} AS r
    WHERE NOT EXISTS (SELECT 1 FROM ${to} AS t WHERE ${isSameKey(bringing)})`;
}

function isSameKey({ pair, types }: Bringing): string {
  return list(
    keyOf(pair),
    (name) => {
      const type = types.get(name) ?? text;
      const [r, t] = [`r.${quote(name)}`, `t.${quote(name)}`];
      const [own, other] = [parts(r, type, type, 'strict'), parts(t, type, type, 'strict')];
      // Plainly as well: then an index of the key can be used.
      return [`${r} = ${t}`, ...own.map((part, at) => `${part} = ${other[at]}`)].join(' AND ');
    },
    ' AND ',
  );
}

/** By a key that stands there twice, not every row finds its own: then none is brought over. */
async function requireAll(writer: Session, { pair, from, to, types }: Bringing): Promise<void> {
  const key = keyOf(pair);
  const values = key.flatMap((name) => {
    const type = types.get(name) ?? text;
    return parts(quote(name), type, type, 'strict');
  });
  const isThere = list(key, (name) => `${quote(name)} IS NOT NULL`, ' AND ');
  const row = await writer.row(
    `SELECT (SELECT COUNT_BIG(*) FROM ${from} AS r) AS come, (SELECT COUNT_BIG(*) FROM ${to} AS t) AS there,
       (SELECT COUNT_BIG(*) FROM (SELECT 1 AS one FROM ${from} AS r WHERE ${isThere} GROUP BY ${values.join(', ')} HAVING COUNT_BIG(*) > 1) AS repeated) AS repeated`,
  );
  if (row.come === row.there && Number(row.repeated) === 0) return;
  throw new GreenlightError({
    what: `Rows of ${pair.schema}.${pair.name} cannot be brought over one by one: its key is not unique.`,
    where: `${pair.schema}.${pair.name}`,
    cause: `key ${key.join(', ')}`,
    help: 'Name columns in compare.keys that tell its rows apart.',
  });
}

/** The next row gets the number that it would get in the source. */
async function setIdentity(
  reader: Session,
  writer: Session,
  source: string,
  { pair: { schema, name }, hasIdentity }: Bringing,
): Promise<void> {
  if (!hasIdentity) return;
  const sys = (view: string) => qualified(source, 'sys', view);
  const [identity] = await reader.rows(
    `SELECT CONVERT(nvarchar(40), CONVERT(decimal(38,0), i.last_value)) AS value
     FROM ${sys('identity_columns')} AS i JOIN ${sys('tables')} AS t ON t.object_id = i.object_id JOIN ${sys('schemas')} AS s ON s.schema_id = t.schema_id
     WHERE s.name = @p1 AND t.name = @p2 AND i.last_value IS NOT NULL`,
    [schema, name],
  );
  if (identity === undefined) return;
  await writer.run(
    `DBCC CHECKIDENT (${literal(qualified(schema, name))}, RESEED, ${wholeNumber(identity.value)}) WITH NO_INFOMSGS`,
  );
}

/** Where SQL Server takes no bound value. */
function wholeNumber(value: unknown): string {
  return BigInt(String(value)).toString();
}

function notTaken(error: unknown, to: Location): unknown {
  const explained = explain(error, databaseOf(to));
  return explained instanceof GreenlightError
    ? explained
    : rowsNotTaken(`database ${databaseOf(to)}`, withoutData(error));
}
