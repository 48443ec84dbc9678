import { isNotKnown, Scope } from './catalog-scope.ts';
import { type TagOn, tagsOfRelation } from './catalog-tags.ts';
import type { Ends } from './clone.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { hidingPolicies } from './hidden.ts';
import { literal, qualified, quote } from './names.ts';
import { queryOf, withoutDatabase } from './references.ts';

interface Rewritten {
  readonly rewritten: number;
  /** What could not be done, or not whole: for people. */
  readonly kept: readonly string[];
}

/**
 * Views of the clone that name the database that they came from lose that name, and mean the database that they stand
 * in: so they are right in the clone, and after the swap. Owner, grants, comments and tags stay; policies would not, so a
 * view that has some keeps the name, and is refused by whoever would run it.
 */
export async function rewrite(session: Session, { from, to }: Ends): Promise<Rewritten> {
  if (to.schema !== null) return { rewritten: 0, kept: [] };
  const scope = new Scope(session, to);
  const guarded = new Set(
    (await hidingPolicies(scope)).map(({ REF_SCHEMA_NAME, REF_ENTITY_NAME }) =>
      qualified(String(REF_SCHEMA_NAME), String(REF_ENTITY_NAME)),
    ),
  );
  const views = await scope.informed(
    'VIEWS',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_OWNER, VIEW_DEFINITION, IS_SECURE, COMMENT',
  );
  const kept: string[] = [];
  let rewritten = 0;
  for (const row of views) {
    const query = queryOf(String(row.VIEW_DEFINITION ?? ''));
    const freed = withoutDatabase(query, from.database);
    if (freed === query) continue;
    const name = qualified(String(row.TABLE_SCHEMA), String(row.TABLE_NAME));
    if (guarded.has(name)) {
      kept.push(
        `view ${name} keeps the name of its database: to write it anew would take its policies away`,
      );
      continue;
    }
    kept.push(...(await writeAnew(scope, row, freed)));
    rewritten += 1;
  }
  return { rewritten, kept };
}

/** Gives what it lost that way. */
async function writeAnew(scope: Scope, row: Row, query: string): Promise<string[]> {
  const { session, place } = scope;
  const [schema, name] = [String(row.TABLE_SCHEMA), String(row.TABLE_NAME)];
  const at = qualified(place.database, schema, name);
  const columns = await session.rows(
    `SELECT COLUMN_NAME, COMMENT FROM ${qualified(place.database, 'INFORMATION_SCHEMA', 'COLUMNS')}
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [schema, name],
  );
  const tags = await tagsOfRelation(scope, { schema, name, isView: true });
  const listed = columns.map(({ COLUMN_NAME, COMMENT }) =>
    [quote(String(COLUMN_NAME)), ...(isSaid(COMMENT) ? [`COMMENT ${literal(COMMENT)}`] : [])].join(
      ' ',
    ),
  );
  const comment = isSaid(row.COMMENT) ? `COMMENT = ${literal(row.COMMENT)} ` : '';
  await session.enter({ database: place.database, schema });
  await session.run(
    `CREATE OR REPLACE ${row.IS_SECURE === 'YES' ? 'SECURE ' : ''}VIEW ${at} (${listed.join(', ')}) COPY GRANTS ${comment}AS ${query}`,
  );
  // Tags first: who owns it no more may not set them.
  const statements = [
    ...tags.map((tag) => setTag(at, tag)),
    ...(await ownership(session, row, at)),
  ];
  const lost: string[] = [];
  for (const sql of statements) if (!(await isTaken(session, sql))) lost.push(sql);
  return lost.map(
    (sql) =>
      `view ${qualified(schema, name)} was written anew, and has lost what the role of the connection may not give (${sql})`,
  );
}

function isSaid(comment: Row[string] | undefined): comment is string {
  return typeof comment === 'string' && comment !== '';
}

function setTag(view: string, { tag, column, value }: TagOn): string {
  const on = column === null ? '' : ` MODIFY COLUMN ${quote(column)}`;
  return `ALTER VIEW ${view}${on} SET TAG ${qualified(...tag)} = ${literal(value)}`;
}

/** COPY GRANTS leaves the owner out (docs: CREATE VIEW). */
async function ownership(session: Session, { TABLE_OWNER }: Row, view: string): Promise<string[]> {
  const { role } = await session.row('SELECT CURRENT_ROLE() AS "role"');
  return TABLE_OWNER === null || TABLE_OWNER === role
    ? []
    : [`GRANT OWNERSHIP ON VIEW ${view} TO ROLE ${quote(String(TABLE_OWNER))} COPY CURRENT GRANTS`];
}

/** Not, where it is not allowed. */
async function isTaken(session: Session, sql: string): Promise<boolean> {
  try {
    await session.run(sql);
    return true;
  } catch (error) {
    if (!isNotKnown(error) && codeBehind(error) !== '002003') throw error;
    return false;
  }
}
