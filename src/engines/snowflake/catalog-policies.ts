import type { CatalogObject } from '../engine.ts';
import { inGroups, list } from '../sql.ts';
import type { StoredText } from './catalog-objects.ts';
import { isNotKnown, type Scope } from './catalog-scope.ts';
import type { Row } from './connection.ts';
import { codeBehind } from './errors.ts';
import { literal, qualified } from './names.ts';

/** A table or view that policies may be set on. */
export interface Guarded {
  readonly schema: string;
  readonly name: string;
  readonly isView: boolean;
}

/** A row of the information schema's TABLES. */
export function guardedBy(row: Row): Guarded {
  return {
    schema: String(row.TABLE_SCHEMA),
    name: String(row.TABLE_NAME),
    isView: /VIEW$/.test(String(row.TABLE_TYPE)),
  };
}

/** One statement asks for so many tables and views. */
const askedAtOnce = 50;

/**
 * Where masking, row access and other policies are set, those that come by a tag included (docs: POLICY_REFERENCES). A clone
 * keeps them, and a policy of its own place is that of the clone: so one is told by its name within its place. What a
 * policy says is told too: SHOW does not.
 */
export async function readPolicies(
  scope: Scope,
  guarded: readonly Guarded[],
): Promise<{ readonly objects: CatalogObject[]; readonly definitions: StoredText[] }> {
  const [references, ...bodies] = await Promise.all([
    policyReferences(scope, guarded),
    readBodies(scope, 'MASKING POLICY', 'MASKING POLICIES'),
    readBodies(scope, 'ROW ACCESS POLICY', 'ROW ACCESS POLICIES'),
  ]);
  const definitions = bodies.flat();
  return {
    objects: [
      ...references.map((row) => setOn(scope, row)),
      ...definitions.map(({ kind, name, text }) => ({ kind, name, definition: text })),
    ],
    definitions,
  };
}

/** One row for each table, view or column that a policy is set on. */
export async function policyReferences(scope: Scope, guarded: readonly Guarded[]): Promise<Row[]> {
  const groups = inGroups(guarded, askedAtOnce).map((some) => referencesOf(scope, some));
  return (await Promise.all(groups)).flat();
}

/** Of what is gone by now, or what the role may not look at, nothing is known: then of the others alone. */
async function referencesOf(scope: Scope, some: readonly Guarded[]): Promise<Row[]> {
  const { database } = scope.place;
  const of = ({ schema, name, isView }: Guarded) => {
    const entity = qualified(database, scope.place.schema ?? schema, name);
    return `SELECT POLICY_DB, POLICY_SCHEMA, POLICY_NAME, POLICY_KIND, REF_SCHEMA_NAME, REF_ENTITY_NAME, REF_COLUMN_NAME, REF_ARG_COLUMN_NAMES
      FROM TABLE(${qualified(database, 'INFORMATION_SCHEMA')}.POLICY_REFERENCES(REF_ENTITY_NAME => ${literal(entity)}, REF_ENTITY_DOMAIN => '${isView ? 'VIEW' : 'TABLE'}'))`;
  };
  try {
    return await scope.session.rows(list(some, of, '\nUNION ALL\n'));
  } catch (error) {
    if (!isNotKnown(error) && codeBehind(error) !== '002003') throw error;
    if (some.length === 1) return [];
    const found = await Promise.all(some.map((one) => referencesOf(scope, [one])));
    return found.flat();
  }
}

function setOn(scope: Scope, row: Row): CatalogObject {
  const { place } = scope;
  const kind = String(row.POLICY_KIND).replaceAll('_', ' ').toLowerCase();
  const column = row.REF_COLUMN_NAME === null ? '' : `.${row.REF_COLUMN_NAME}`;
  const own = [row.POLICY_DB, row.POLICY_SCHEMA, row.POLICY_NAME].map(String);
  const isWithin = own[0] === place.database && (place.schema === null || own[1] === place.schema);
  const using = row.REF_ARG_COLUMN_NAMES === null ? '' : ` with ${row.REF_ARG_COLUMN_NAMES}`;
  return {
    kind: `${kind} in force`,
    name: `${scope.told(String(row.REF_SCHEMA_NAME))}.${row.REF_ENTITY_NAME}${column}`,
    definition: `${(isWithin ? [scope.told(own[1] ?? ''), own[2]] : own).join('.')}${using}`,
  };
}

/** Signature, type and body. A policy that the role may not look at is told by its name alone. */
async function readBodies(scope: Scope, kind: string, plural: string): Promise<StoredText[]> {
  const policies = await scope.shownIfAny(plural);
  return Promise.all(
    policies.map(async ({ schema_name, name }): Promise<StoredText> => {
      const schema = String(schema_name);
      const at = qualified(scope.place.database, scope.place.schema ?? schema, String(name));
      const [said] = await scope.session.rows(`DESCRIBE ${kind} ${at}`).catch((error) => {
        if (isNotKnown(error) || codeBehind(error) === '002003') return [];
        throw error;
      });
      return {
        kind: kind.toLowerCase(),
        name: `${schema}.${name}`,
        text:
          said === undefined ? '' : `${said.signature} returns ${said.return_type} as ${said.body}`,
        isProgram: false,
      };
    }),
  );
}
