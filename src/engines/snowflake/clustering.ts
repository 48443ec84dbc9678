import type { Scope } from './catalog-scope.ts';
import type { Row } from './connection.ts';

/** A table with a clustering key, and whether Snowflake clusters it by itself. */
export interface Clustered {
  /** With the columns `schema_name`, `name` and `owner`, as SHOW has them; `noun` is what ALTER calls it. */
  readonly row: Row;
  readonly isOn: boolean;
}

/** A clone has the key, and is not clustered by itself until that is resumed (docs: "Cloning and clustering keys"). */
export async function clusteredTables(scope: Scope): Promise<Clustered[]> {
  const rows = await scope.informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_OWNER, CLUSTERING_KEY, AUTO_CLUSTERING_ON, IS_DYNAMIC, IS_ICEBERG',
  );
  return rows
    .filter(({ CLUSTERING_KEY }) => (CLUSTERING_KEY ?? '') !== '')
    .map(({ TABLE_SCHEMA = null, TABLE_NAME = null, TABLE_OWNER = null, ...row }) => ({
      row: {
        schema_name: TABLE_SCHEMA,
        name: TABLE_NAME,
        owner: TABLE_OWNER,
        noun:
          row.IS_DYNAMIC === 'YES'
            ? 'DYNAMIC TABLE'
            : row.IS_ICEBERG === 'YES'
              ? 'ICEBERG TABLE'
              : 'TABLE',
      },
      isOn: /^(YES|ON)$/i.test(String(row.AUTO_CLUSTERING_ON)),
    }));
}
