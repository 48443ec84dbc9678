import type { Session } from './connection.ts';
import { literal, type Place, qualified, quote } from './names.ts';

/** What lets a role read: USAGE of a schema, or SELECT on what stands in it. The names without the place's own. */
export interface Reading {
  readonly privilege: 'USAGE' | 'SELECT';
  /** `SCHEMA`, `TABLE`, `VIEW`. */
  readonly on: string;
  /** Empty: the schema that is the place. */
  readonly path: readonly string[];
  readonly grantee: string;
}

/** Who may read what in a database or schema, by the schemas and by what stands in them. */
export async function readReaders(session: Session, place: Place): Promise<Reading[]> {
  const { database, schema } = place;
  const rows = await session.rows(
    `SELECT OBJECT_SCHEMA, OBJECT_NAME, OBJECT_TYPE, PRIVILEGE_TYPE, GRANTEE
       FROM ${qualified(database, 'INFORMATION_SCHEMA', 'OBJECT_PRIVILEGES')}
      WHERE (PRIVILEGE_TYPE = 'SELECT' AND OBJECT_SCHEMA ${schema === null ? "<> 'INFORMATION_SCHEMA'" : `= ${literal(schema)}`})
         OR (PRIVILEGE_TYPE = 'USAGE' AND OBJECT_TYPE = 'SCHEMA' ${schema === null ? '' : `AND OBJECT_NAME = ${literal(schema)}`})`,
  );
  return rows.map((row) => {
    const name = String(row.OBJECT_NAME);
    const isSchema = row.OBJECT_TYPE === 'SCHEMA';
    const within = isSchema ? [] : [name];
    return {
      privilege: isSchema ? 'USAGE' : 'SELECT',
      on: String(row.OBJECT_TYPE),
      path: schema !== null ? within : isSchema ? [name] : [String(row.OBJECT_SCHEMA), ...within],
      grantee: String(row.GRANTEE),
    };
  });
}

/** Statements that would give back what some could read before and cannot read after. */
export function lostReaders(
  before: readonly Reading[],
  after: readonly Reading[],
  { database, schema }: Place,
): string[] {
  const there = new Set(after.map((one) => JSON.stringify(one)));
  const lost = before.filter((one) => !there.has(JSON.stringify(one)));
  return [...new Set(lost.map(giveBack))];

  function giveBack({ privilege, on, path, grantee }: Reading): string {
    const name = qualified(database, ...(schema === null ? [] : [schema]), ...path);
    return `GRANT ${privilege} ON ${on} ${name} TO ROLE ${quote(grantee)};`;
  }
}
