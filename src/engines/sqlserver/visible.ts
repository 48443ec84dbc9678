import { GreenlightError } from '../../errors.ts';
import type { Row, Session } from './connection.ts';
import { literal, qualified, quote } from './names.ts';

/** Tables of which something may be hidden: most databases have none. */
const sometimesHidden = `SELECT s.name AS [schema], t.name AS name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
  WHERE EXISTS (SELECT 1 FROM sys.masked_columns AS m WHERE m.object_id = t.object_id AND m.is_masked = 1)
     OR EXISTS (SELECT 1 FROM sys.security_predicates AS f WHERE f.target_object_id = t.object_id AND f.predicate_type = 0)
  ORDER BY s.name, t.name`;

/**
 * A mark over rows that are hidden would not tell what is written to them.
 * @throws GreenlightError as `requireVisible`, of the first of these tables of the session's database.
 */
export async function requireAllVisible(session: Session, tables: readonly Row[]): Promise<void> {
  if (tables.length === 0) return;
  for (const { schema, name } of await session.rows(sometimesHidden)) {
    if (!tables.some((table) => table.schema === schema && table.name === name)) continue;
    await insistOnLooking(session, String(schema), String(name));
  }
}

/** Others may be writing, and the rows that are stored include what they have not committed: so several looks. */
async function insistOnLooking(session: Session, schema: string, name: string): Promise<void> {
  const { database } = session;
  const count = `SELECT COUNT_BIG(*) AS counted FROM ${qualified(database, schema, name)} AS one`;
  for (let looks = 1; ; looks += 1) {
    const [found] = await session.rows(hiddenBy(database, schema, name));
    try {
      return await requireVisible(
        found,
        `${schema}.${name}`,
        async () => (await session.row(count)).counted,
      );
    } catch (error) {
      if (looks === 3) throw error;
    }
  }
}

/** What may keep values or rows of a table from those who read it, without an error. */
export function hiddenBy(database: string, schema: string, name: string): string {
  const sys = (view: string) => qualified(database, 'sys', view);
  const table = literal(qualified(database, schema, name));
  return `SELECT (SELECT COUNT(*) FROM ${sys('masked_columns')} AS m WHERE m.object_id = o.object_id AND m.is_masked = 1) AS masked,
      COALESCE(HAS_PERMS_BY_NAME(${table}, 'OBJECT', 'UNMASK'), HAS_PERMS_BY_NAME(${literal(quote(database))}, 'DATABASE', 'UNMASK'), 0) AS unmasks,
      (SELECT MIN(p.name) FROM ${sys('security_policies')} AS p JOIN ${sys('security_predicates')} AS f ON f.object_id = p.object_id
        WHERE f.target_object_id = o.object_id AND f.predicate_type = 0 AND p.is_enabled = 1) AS policy,
      (SELECT SUM(r.rows) FROM ${sys('partitions')} AS r WHERE r.object_id = o.object_id AND r.index_id IN (0, 1)) AS stored_rows
    FROM ${sys('objects')} AS o JOIN ${sys('schemas')} AS s ON s.schema_id = o.schema_id
    WHERE s.name = ${literal(schema)} AND o.name = ${literal(name)}`;
}

/**
 * Masked values are all alike, and rows that a policy hides are missing on both sides: a comparison would not see what
 * deviates there. `countRows` counts those that we see.
 * @throws GreenlightError when something is hidden from us.
 */
export async function requireVisible(
  found: Row | undefined,
  table: string,
  countRows: () => Promise<unknown>,
): Promise<void> {
  if (found === undefined) return;
  if (Number(found.masked) > 0 && Number(found.unmasks) !== 1) {
    throw new GreenlightError({
      what: `${table} has masked columns, whose values are hidden from the login of the connection.`,
      where: table,
      help: 'GRANT UNMASK TO release_user; in live, so that clones have it.',
    });
  }
  if (found.policy === null || String(await countRows()) === String(found.stored_rows ?? 0)) return;
  throw new GreenlightError({
    what: `The security policy ${found.policy} hides rows of ${table} from the login of the connection.`,
    where: table,
    help: 'Let its filter give all rows to the login of the release.',
  });
}
