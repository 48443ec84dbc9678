import { GreenlightError } from '../../errors.ts';
import type { CloneReport } from '../engine.ts';
import { Scope } from './catalog-scope.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { levelOf, mirrorContainer } from './grants.ts';
import { hidingPolicies } from './hidden.ts';
import { idOf, markOf, readAround, readContent, readMark, sizeOf } from './mark.ts';
import { likeLiteral, literal, type Place, qualified, quote, quotePlace } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { queryOf, withoutDatabase } from './references.ts';

interface Ends {
  readonly from: Place;
  readonly to: Place;
}

/**
 * A zero-copy clone as of one instant. Its content tells the mark of both: whoever writes to the source meanwhile
 * changes it after that instant, and shows.
 */
export async function cloneContainer(
  session: Session,
  { from, to }: Ends,
  options: SnowflakeOptions,
): Promise<CloneReport> {
  const id = await idOf(session, from);
  if (id === null) throw nothingThere(from);
  // Before: what comes to the source from here on shows, although no clone has it.
  const around = await readAround(session, from);
  const made = await make(session, { from, to });
  try {
    await requireWhole(session, { from, to });
    const lacks = [
      ...(await mirrorContainer(session, from, to)),
      ...(await leftOut(session, { from, to })),
    ];
    const content = await readContent(session, to);
    const { rewritten, kept } = options.rewriteReferences
      ? await rewrite(session, { from, to })
      : { rewritten: 0, kept: [] };
    return {
      source: { id, mark: markOf(content, around) },
      clone: {
        id: (await idOf(session, to)) ?? '',
        mark:
          rewritten === 0
            ? markOf(content, await readAround(session, to))
            : await readMark(session, to),
      },
      ...made,
      bytes: await sizeOf(session, to),
      lacks: [...lacks, ...kept],
    };
  } catch (error) {
    await session.run(`DROP ${levelOf(to)} IF EXISTS ${quotePlace(to)}`).catch(() => undefined);
    throw error;
  }
}

/** By time travel, so that all of it is of one instant that is known; where a table keeps no past, as it is now. */
async function make(
  session: Session,
  { from, to }: Ends,
): Promise<Pick<CloneReport, 'method' | 'reason'>> {
  const level = levelOf(to);
  const kind = (await isTransient(session, from)) ? `TRANSIENT ${level}` : level;
  const create = `CREATE ${kind} ${quotePlace(to)} CLONE ${quotePlace(from)}`;
  const { now } = await session.row(
    `SELECT TO_VARCHAR(CURRENT_TIMESTAMP(), 'YYYY-MM-DD"T"HH24:MI:SS.FF9') AS "now"`,
  );
  const at = String(now);
  try {
    await session.run(`${create} AT (TIMESTAMP => ${literal(`${at}+00:00`)}::TIMESTAMP_TZ)`);
    return {
      method: 'clone by time travel',
      reason: `all tables as of ${at}Z, sharing their storage with the source`,
    };
  } catch (error) {
    if (!isWithoutPast(error)) throw error;
    await session.run(create);
    return {
      method: 'clone',
      reason:
        'a table keeps no past (its retention is 0), so each table is as it was when its turn came; storage is shared with the source',
    };
  }
}

function isWithoutPast(error: unknown): boolean {
  return ['000707', '000709'].includes(codeBehind(error) ?? '');
}

/** What is transient can be cloned to something transient only. */
async function isTransient(session: Session, { database, schema }: Place): Promise<boolean> {
  const rows = await session.rows(
    schema === null
      ? `SHOW DATABASES LIKE ${likeLiteral(database)}`
      : `SHOW SCHEMAS LIKE ${likeLiteral(schema)} IN DATABASE ${quote(database)}`,
  );
  return rows.some(
    (row) => row.name === (schema ?? database) && /TRANSIENT/.test(String(row.options)),
  );
}

/** Tables and views for which the role has no SELECT are left out of a clone without a word. */
async function requireWhole(session: Session, { from, to }: Ends): Promise<void> {
  const [before, after] = [await relationsOf(session, from), await relationsOf(session, to)];
  const missing = [...before].filter((name) => !after.has(name));
  if (missing.length === 0) return;
  throw new GreenlightError({
    what: `The clone lacks ${missing.length} of ${before.size} tables and views, and would take them away from live.`,
    where: quotePlace(from),
    cause: missing.slice(0, 10).join(', '),
    help: `Snowflake leaves out what the role of the connection may not read. An owner can allow it: GRANT SELECT ON TABLE ${missing[0]} TO ROLE release_role; (docs/snowflake.md)`,
  });
}

async function relationsOf(session: Session, place: Place): Promise<Set<string>> {
  const rows = await new Scope(session, place).informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE',
  );
  const inPlace = place.schema === null ? (schema: unknown) => `${schema}.` : () => '';
  return new Set(
    rows
      .filter(({ TABLE_TYPE }) => /^(BASE TABLE|VIEW|MATERIALIZED VIEW)$/.test(String(TABLE_TYPE)))
      .map((row) => `${inPlace(row.TABLE_SCHEMA)}${row.TABLE_NAME}`),
  );
}

/** A kind of object that a clone has not, or has in another state. */
interface Concern {
  readonly plural: string;
  readonly kind: string;
  /** Null: this one is in the clone as it was. */
  told(row: Row, isThere: boolean, from: Place): string | null;
}

const concerns: readonly Concern[] = [
  { plural: 'EXTERNAL TABLES', kind: 'external table', told: () => 'cannot be cloned' },
  {
    plural: 'STAGES',
    kind: 'stage',
    told: (_, isThere) => (isThere ? null : 'an internal stage is not cloned, nor are its files'),
  },
  {
    plural: 'PIPES',
    kind: 'pipe',
    told: (row, isThere, from) => {
      if (!isThere) return 'a pipe of an internal stage is not cloned';
      return leadsTo(from, String(row.definition))
        ? `stands still in the clone, and must never be resumed: its COPY names the ${levelOf(from).toLowerCase()}, so it would load into that one`
        : 'stands still in the clone; after the swap, resume it there and pause it in the old database';
    },
  },
  {
    plural: 'STREAMS',
    kind: 'stream',
    told: () =>
      'its offset is not the one of live: rows that were not consumed before the clone cannot be read from it',
  },
  {
    plural: 'TASKS',
    kind: 'task',
    told: (_, isThere) =>
      isThere ? null : 'is not cloned: the role of the connection does not own it',
  },
  {
    plural: 'DYNAMIC TABLES',
    kind: 'dynamic table',
    told: (_, isThere) =>
      isThere ? 'is suspended in the clone; the swap resumes it when it ran' : 'is not cloned',
  },
  {
    plural: 'ALERTS',
    kind: 'alert',
    told: (_, isThere) => (isThere ? 'is suspended in the clone' : 'is not cloned'),
  },
  {
    plural: 'ICEBERG TABLES',
    kind: 'Iceberg table',
    told: (_, isThere) => (isThere ? null : 'is of another catalog and not cloned'),
  },
  {
    plural: 'HYBRID TABLES',
    kind: 'hybrid table',
    told: (_, isThere) => (isThere ? null : 'is cloned with a whole database only'),
  },
  { plural: 'EVENT TABLES', kind: 'event table', told: () => 'cannot be cloned' },
];

async function leftOut(session: Session, { from, to }: Ends): Promise<string[]> {
  const [before, after] = [new Scope(session, from), new Scope(session, to)];
  const found = await Promise.all(
    concerns.map(async ({ plural, kind, told }) => {
      const own = await before.shownIfAny(plural);
      if (own.length === 0) return [];
      const there = new Set((await after.shownIfAny(plural)).map(nameWithin(to)));
      return own.flatMap((row) => {
        const name = nameWithin(from)(row);
        const reason = told(row, there.has(name), from);
        return reason === null ? [] : [`${kind} ${name}: ${reason}`];
      });
    }),
  );
  return found.flat();
}

function nameWithin({ schema }: Place): (row: Row) => string {
  return (row) => (schema === null ? `${row.schema_name}.${row.name}` : String(row.name));
}

/** `COPY INTO db.schema.t`, `db..t`, and where a schema is cloned `schema.t`: it leads there wherever the pipe stands. */
function leadsTo({ schema }: Place, definition: string): boolean {
  const name = '(?:"(?:[^"]|"")+"|[\\w$]+)';
  const [, dots = ''] =
    new RegExp(`copy\\s+into\\s+${name}((?:\\.{1,2}${name})*)`, 'i').exec(definition) ?? [];
  const parts = dots.match(new RegExp(`\\.{1,2}${name}`, 'g')) ?? [];
  return parts.length > 1 || dots.startsWith('..') || (schema !== null && parts.length === 1);
}

/**
 * Views of the clone that name the database that they came from lose that name, and mean the database that they stand
 * in: so they are right in the clone, and after the swap. Grants stay; policies would not, so a view that has some keeps
 * the name, and is refused by whoever would run it.
 */
async function rewrite(
  session: Session,
  { from, to }: Ends,
): Promise<{ readonly rewritten: number; readonly kept: readonly string[] }> {
  if (to.schema !== null) return { rewritten: 0, kept: [] };
  const guarded = new Set(
    (await hidingPolicies(new Scope(session, to))).map(({ REF_SCHEMA_NAME, REF_ENTITY_NAME }) =>
      qualified(String(REF_SCHEMA_NAME), String(REF_ENTITY_NAME)),
    ),
  );
  const kept: string[] = [];
  const views = await new Scope(session, to).informed(
    'VIEWS',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION, IS_SECURE',
  );
  let rewritten = 0;
  for (const row of views) {
    const query = queryOf(String(row.VIEW_DEFINITION ?? ''));
    const freed = withoutDatabase(query, from.database);
    if (freed === query) continue;
    const [schema, name] = [String(row.TABLE_SCHEMA), String(row.TABLE_NAME)];
    if (guarded.has(qualified(schema, name))) {
      kept.push(
        `view ${qualified(schema, name)} keeps the name of its database: to write it anew would take its policies away`,
      );
      continue;
    }
    const columns = await session.rows(
      `SELECT COLUMN_NAME FROM ${qualified(to.database, 'INFORMATION_SCHEMA', 'COLUMNS')}
        WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
      [schema, name],
    );
    const names = columns.map(({ COLUMN_NAME }) => quote(String(COLUMN_NAME))).join(', ');
    await session.enter({ database: to.database, schema });
    await session.run(
      `CREATE OR REPLACE ${row.IS_SECURE === 'YES' ? 'SECURE ' : ''}VIEW ${qualified(to.database, schema, name)} (${names}) COPY GRANTS AS ${freed}`,
    );
    rewritten += 1;
  }
  return { rewritten, kept };
}

function nothingThere(place: Place): GreenlightError {
  return new GreenlightError({
    what: `There is no ${levelOf(place).toLowerCase()} to clone, or the role of the connection may not use it.`,
    where: quotePlace(place),
    help: 'Check the name, and the privileges of connection.role (docs/snowflake.md).',
  });
}
