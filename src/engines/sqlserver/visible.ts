import { GreenlightError } from '../../errors.ts';
import type { Row } from './connection.ts';
import { literal, qualified, quote } from './names.ts';

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
