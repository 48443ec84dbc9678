import type { CatalogObject } from '../engine.ts';
import type { Scope } from './catalog-scope.ts';
import type { Row } from './connection.ts';
import { readContainer } from './grants.ts';
import { literal, qualified } from './names.ts';

/** Who may do what with the objects, and with the container itself; what comes to be in it included. */
export async function readGrants(scope: Scope): Promise<CatalogObject[]> {
  const { database, schema } = scope.place;
  const [own, objects] = await Promise.all([
    readContainer(scope.session, scope.place),
    scope.session.rows(
      `SELECT OBJECT_SCHEMA, OBJECT_NAME, OBJECT_TYPE, PRIVILEGE_TYPE, GRANTEE, IS_GRANTABLE
         FROM ${qualified(database, 'INFORMATION_SCHEMA', 'OBJECT_PRIVILEGES')}
        WHERE OBJECT_TYPE <> 'DATABASE' AND (OBJECT_SCHEMA IS NULL OR OBJECT_SCHEMA <> 'INFORMATION_SCHEMA')
          ${schema === null ? '' : `AND OBJECT_SCHEMA = ${literal(schema)}`}`,
    ),
  ]);
  return [
    { kind: 'container property', name: 'owner', definition: own.owner },
    ...own.grants.map(({ privilege, grantedTo, grantee, option }) => ({
      kind: 'container grant',
      name: `${privilege} to ${grantedTo} ${grantee}`.toLowerCase(),
      definition: option ? 'with grant option' : 'granted',
    })),
    // Those that may not be looked at are in no inventory: clone lists that, and the swap refuses it.
    ...(own.future ?? []).map(({ privilege, on, schema: within, grantedTo, grantee, option }) => ({
      kind: 'future grant',
      name: `${privilege} on ${on}s${within === null ? '' : ` in ${within}`} to ${grantedTo} ${grantee}`.toLowerCase(),
      definition: option ? 'with grant option' : 'granted',
    })),
    ...own.tags.map(({ tag: [at, schema, name], value }) => ({
      kind: 'container tag',
      name: at === database ? `${scope.told(schema)}.${name}` : `${at}.${schema}.${name}`,
      definition: value,
    })),
    ...distinct(objects).map((row) => ({
      kind: 'grant',
      name: `${row.PRIVILEGE_TYPE} on ${row.OBJECT_TYPE} ${nameOf(scope, row)} to ${row.GRANTEE}`,
      definition: row.IS_GRANTABLE === 'YES' ? 'with grant option' : 'granted',
    })),
  ];
}

/** A privilege that several have granted is one. */
function distinct(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

function nameOf(scope: Scope, { OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME }: Row): string {
  const schema = scope.told(String(OBJECT_SCHEMA ?? ''));
  const name = String(OBJECT_NAME);
  return `${schema}.${OBJECT_TYPE === 'SCHEMA' ? scope.told(name) : name}`;
}
