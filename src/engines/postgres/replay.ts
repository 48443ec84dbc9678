import { GreenlightError } from '../../errors.ts';
import type { Location, Replayer, TablePair } from '../engine.ts';
import { keyOf, rowsNotTaken } from '../replay.ts';
import { list } from '../sql.ts';
import { Session } from './connection.ts';
import { explain, withoutData } from './errors.ts';
import { foreignParts } from './foreign-parts.ts';
import { oneSnapshot, readPositions, type SequencePosition } from './mark.ts';
import { type Place, placeOf, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { requireOwnServer } from './servers.ts';

export function postgresReplay(options: PostgresOptions): Replayer {
  return {
    bringOver: (from, to, tables, purpose) => bringOver(from, to, tables, { purpose, options }),
  };
}

/**
 * The rows of each table stream from one snapshot of the source into a temporary table beside the target, and are
 * brought in there by sets. Triggers, rules and foreign keys do not act: their work is done already in the source, whose
 * rows come as they are.
 */
async function bringOver(
  from: Location,
  to: Location,
  tables: readonly TablePair[],
  { purpose, options }: { readonly purpose: string; readonly options: PostgresOptions },
): Promise<void> {
  const [source, target] = [placeOf(from), placeOf(to)];
  requireOwnServer(source, target);
  const reading = { purpose, readOnly: true };
  try {
    await Session.use(source.database, options, reading, (reader) =>
      Session.use(target.database, options, { purpose }, (writer) =>
        reader.transaction(
          () =>
            writer.transaction(async () => {
              await keepTriggersStill(writer, target, tables);
              for (const [at, pair] of tables.entries()) {
                const rows = `pg_temp.greenlight_${at}`;
                await bringRows(reader, writer, { pair, source, target, rows });
              }
              await writer.run('SET CONSTRAINTS ALL IMMEDIATE');
              // Last, because positions stay where they are when a transaction is undone.
              for (const pair of tables)
                await setPositions(reader, writer, pair, { source, target });
              await moveOn(reader, writer, { source, target });
            }),
          oneSnapshot,
        ),
      ),
    );
  } catch (error) {
    throw notTaken(error, to);
  }
}

/** Needs a privilege, which is asked for where there is something to keep still only. */
async function keepTriggersStill(
  writer: Session,
  target: Place,
  tables: readonly TablePair[],
): Promise<void> {
  const found = await writer.rows(
    `WITH written AS (
       SELECT name::regclass AS relation FROM unnest($1::text[]) AS name
       UNION SELECT relid FROM unnest($1::text[]) AS name, pg_partition_tree(name::regclass)
     )
     SELECT format('trigger %I of %s', tgname, relation) AS name, tgenabled IN ('A', 'R') AS acts
       FROM pg_trigger JOIN written ON relation = tgrelid
     UNION ALL
     SELECT format('rule %I of %s', rulename, relation), ev_enabled IN ('A', 'R') FROM pg_rewrite JOIN written ON relation = ev_class
     ORDER BY name`,
    [tables.map((pair) => nameIn(target, pair))],
  );
  if (found.length === 0) return;
  const acting = found.filter(({ acts }) => acts === true);
  if (acting.length > 0) {
    throw new GreenlightError({
      what: 'Rows cannot be brought past triggers and rules that act always.',
      where: `database ${target.database}`,
      cause: `ENABLE ALWAYS or ENABLE REPLICA: ${list(acting, ({ name }) => String(name))}`,
      help: 'Their work is in the rows already, and would be done twice. ALTER TABLE ... ENABLE TRIGGER makes them act on the writes of clients only.',
    });
  }
  const { may } = await writer.row(
    `SELECT coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false)
            OR has_parameter_privilege('session_replication_role', 'SET') AS may`,
  );
  if (may !== true) {
    throw new GreenlightError({
      what: 'The user of the connection may not bring rows past triggers and foreign keys.',
      where: `database ${target.database}`,
      help: `A superuser can allow it: GRANT SET ON PARAMETER session_replication_role TO ${writer.role};`,
    });
  }
  await writer.run('SET LOCAL session_replication_role = replica');
}

interface Bringing {
  readonly pair: TablePair;
  readonly source: Place;
  readonly target: Place;
  /** Where the rows of the source stand meanwhile. */
  readonly rows: string;
}

async function bringRows(
  reader: Session,
  writer: Session,
  { pair, source, target, rows }: Bringing,
): Promise<void> {
  const [from, to] = [await relation(reader, source, pair), await relation(writer, target, pair)];
  if (!to.startsWith('ONLY ')) await requireOwnRows(writer, target, pair);
  const all = list(pair.columns, ({ name }) => quote(name));
  await writer.run(
    `CREATE TEMPORARY TABLE ${rows.replace('pg_temp.', '')} ON COMMIT DROP AS SELECT ${all} FROM ${to} WITH NO DATA`,
  );
  await reader.pour(`SELECT ${all} FROM ${from}`, writer, `${rows} (${all})`);
  await writer.run(`ANALYZE ${rows}`);
  const isKey = list(keyOf(pair), (name) => `r.${quote(name)} = t.${quote(name)}`, ' AND ');
  const images = (side: string) =>
    `ROW(${list(pair.columns, ({ name }) => `${side}.${quote(name)}`)})`;
  // By their images: 1.0 is not 1.00 here. What differs goes and comes, so that two rows may exchange a unique value.
  await writer.run(
    `DELETE FROM ${to} AS t
      WHERE NOT EXISTS (SELECT FROM ${rows} AS r WHERE ${isKey} AND record_image_eq(${images('r')}, ${images('t')}))`,
  );
  const given = list(await givenColumns(writer, target, pair), quote);
  await writer.run(
    `INSERT INTO ${to.replace(/^ONLY /, '')} (${given}) OVERRIDING SYSTEM VALUE
     SELECT ${given} FROM ${rows} AS r WHERE NOT EXISTS (SELECT FROM ${to} AS t WHERE ${isKey})`,
  );
  await requireAll(writer, pair, { rows, to });
}

/** What is written to a foreign partition is written to another server, where it may be production's. */
async function requireOwnRows(writer: Session, target: Place, pair: TablePair): Promise<void> {
  const { parts } = await writer.row(foreignParts, [nameIn(target, pair)]);
  if (parts === null) return;
  throw new GreenlightError({
    what: `Rows of ${pair.schema}.${pair.name} cannot be brought over: some of them stand on another server.`,
    where: `${pair.schema}.${pair.name}`,
    cause: `foreign: ${parts}`,
    help: 'Begin again with a fresh clone, and the steps after it.',
  });
}

/** By a key that stands there twice, not every row finds its own: then none is brought over. */
async function requireAll(
  writer: Session,
  pair: TablePair,
  { rows, to }: { readonly rows: string; readonly to: string },
): Promise<void> {
  const key = keyOf(pair).map(quote);
  const { all } = await writer.row(
    `SELECT (SELECT count(*) FROM ${rows}) = (SELECT count(*) FROM ${to})
        AND NOT EXISTS (
          SELECT FROM ${rows} WHERE ${list(key, (name) => `${name} IS NOT NULL`, ' AND ')}
           GROUP BY ${list(key, (name) => name)} HAVING count(*) > 1
        ) AS all`,
  );
  if (all === true) return;
  throw new GreenlightError({
    what: `Rows of ${pair.schema}.${pair.name} cannot be brought over one by one: its key is not unique.`,
    where: `${pair.schema}.${pair.name}`,
    cause: `key ${keyOf(pair).join(', ')}`,
    help: 'Name columns in compare.keys that tell its rows apart.',
  });
}

/** Children of a table are tables of their own, partitions belong to the whole. */
async function relation(session: Session, place: Place, pair: TablePair): Promise<string> {
  const name = nameIn(place, pair);
  const { kind } = await session.row(
    'SELECT relkind AS kind FROM pg_class WHERE oid = $1::regclass',
    [name],
  );
  return kind === 'p' ? name : `ONLY ${name}`;
}

/** The database computes the others itself. */
async function givenColumns(session: Session, target: Place, pair: TablePair): Promise<string[]> {
  const computed = await session.rows(
    `SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attgenerated <> ''`,
    [nameIn(target, pair)],
  );
  const names = new Set(computed.map(({ attname }) => String(attname)));
  return pair.columns.map(({ name }) => name).filter((name) => !names.has(name));
}

/** Sequences that a column of the table takes its values from. */
async function setPositions(
  reader: Session,
  writer: Session,
  pair: TablePair,
  { source, target }: { readonly source: Place; readonly target: Place },
): Promise<void> {
  const [there, here] = [
    await positions(reader, nameIn(source, pair)),
    await positions(writer, nameIn(target, pair)),
  ];
  for (const [column, { value, isCalled }] of there) {
    const own = here.get(column);
    if (own === undefined || (own.value === value && own.isCalled === isCalled)) continue;
    await writer.rows('SELECT setval($1::regclass, $2::bigint, $3::boolean)', [
      own.sequence,
      value,
      isCalled,
    ]);
  }
}

/**
 * All other sequences, free-standing ones among them, go on from where the source has them. None is set back: the rows of
 * tables that are not brought over may have its numbers.
 */
async function moveOn(
  reader: Session,
  writer: Session,
  { source, target }: { readonly source: Place; readonly target: Place },
): Promise<void> {
  const here = new Map(
    (await readPositions(writer, target)).map((position) => [nameOf(position, target), position]),
  );
  for (const position of await readPositions(reader, source)) {
    const name = nameOf({ ...position, schema: target.schema ?? position.schema }, target);
    const own = here.get(name);
    if (own === undefined) continue;
    const { lastValue, isCalled } = position;
    if (own.lastValue === lastValue && own.isCalled === isCalled) continue;
    await writer.rows(
      `SELECT setval(seqrelid::regclass, $2::bigint, $3::boolean) FROM pg_sequence
        WHERE seqrelid = $1::regclass AND sign(seqincrement::numeric) * 2 * $2::numeric + $3::boolean::integer
                                        > sign(seqincrement::numeric) * 2 * $4::numeric + $5::boolean::integer`,
      [name, lastValue, isCalled, own.lastValue, own.isCalled],
    );
  }
}

function nameOf({ schema, name }: SequencePosition, { schema: own }: Place): string {
  return `${quote(own ?? schema)}.${quote(name)}`;
}

interface Position {
  readonly sequence: string;
  readonly value: string;
  readonly isCalled: boolean;
}

async function positions(session: Session, table: string): Promise<Map<string, Position>> {
  const rows = await session.rows(
    `SELECT a.attname AS column, s.oid::regclass::text AS sequence
       FROM pg_attribute a JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
                                           AND d.refobjsubid = a.attnum AND d.classid = 'pg_class'::regclass
                                           AND d.deptype IN ('a', 'i')
            JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      WHERE a.attrelid = $1::regclass
     UNION
     SELECT a.attname, s.oid::regclass::text
       FROM pg_attribute a JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
            JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass
            JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
      WHERE a.attrelid = $1::regclass`,
    [table],
  );
  const found = new Map<string, Position>();
  for (const row of rows) {
    const sequence = String(row.sequence);
    const { last_value, is_called } = await session.row(
      `SELECT last_value, is_called FROM ${sequence}`,
    );
    found.set(String(row.column), {
      sequence,
      value: String(last_value),
      isCalled: is_called === true,
    });
  }
  return found;
}

/** A place that is a schema looks as if it held one schema with live's name. */
function nameIn(place: Place, { schema, name }: TablePair): string {
  return `${quote(place.schema ?? schema)}.${quote(name)}`;
}

function notTaken(error: unknown, to: Location): unknown {
  const explained = explain(error, placeOf(to).database);
  if (explained instanceof GreenlightError) return explained;
  const { constraint, table } = error as { constraint?: string; table?: string };
  return rowsNotTaken(
    `database ${placeOf(to).database}`,
    constraint === undefined
      ? withoutData(error)
      : `a row of ${table ?? 'a table'} does not hold ${constraint}`,
  );
}
