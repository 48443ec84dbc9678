import type { Location, TablePair } from '../engine.ts';
import { guardedBy, policyReferences } from './catalog-policies.ts';
import { Scope } from './catalog-scope.ts';
import { type Row, Session } from './connection.ts';
import { type Place, placeOf } from './names.ts';
import type { SnowflakeOptions } from './options.ts';

/** What stands between the role of the connection and the values of a database or schema. */
interface Hiding {
  readonly place: Place;
  readonly policies: readonly Row[];
  /** Views of which nobody shows the role what they say. */
  readonly secret: readonly Row[];
}

/**
 * Columns of which a policy may show the role of the connection something else than what is stored, with the reason. Whether it
 * does nobody tells: a policy decides with every query.
 */
export type HiddenColumns = (pair: TablePair) => ReadonlyMap<string, string>;

export async function readHidden(
  options: SnowflakeOptions,
  sides: readonly Location[],
): Promise<HiddenColumns> {
  const hiding = await Session.use(options, { purpose: 'policies' }, (session) =>
    Promise.all(
      sides.map(async (at) => {
        const place = placeOf(at);
        const scope = new Scope(session, place);
        return {
          place,
          policies: await hidingPolicies(scope),
          secret: await secretViews(scope),
        };
      }),
    ),
  );
  return (pair) => hiddenIn(pair, hiding);
}

/** Masking and row access policies that are in force; others refuse a query and hide nothing. */
export async function hidingPolicies(scope: Scope): Promise<Row[]> {
  const tables = await scope.informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE',
  );
  const references = await policyReferences(scope, tables.map(guardedBy));
  return references.filter(({ POLICY_KIND }) =>
    /^(MASKING|ROW_ACCESS)_POLICY$/.test(String(POLICY_KIND)),
  );
}

/** What a secure view says is shown to its owner only (docs: "Working with secure views"). */
export async function secretViews(scope: Scope): Promise<Row[]> {
  const views = await scope.informed(
    'VIEWS',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION',
  );
  return views.filter(({ VIEW_DEFINITION }) => (VIEW_DEFINITION ?? '') === '');
}

function hiddenIn(pair: TablePair, hiding: readonly Hiding[]): Map<string, string> {
  const hidden = new Map<string, string>();
  const all = (reason: string) => {
    for (const { name } of pair.columns) hidden.set(name, reason);
  };
  const isView = pair.oldKind === 'view' || pair.newKind === 'view';
  if (isView && hiding.some(({ policies }) => policies.length > 0))
    all(`${asSeen}: the view may read what policies guard`);
  for (const { place, policies, secret } of hiding) {
    const isPair = (schema: unknown, name: unknown) =>
      name === pair.name && (place.schema !== null || schema === pair.schema);
    if (secret.some(({ TABLE_SCHEMA, TABLE_NAME }) => isPair(TABLE_SCHEMA, TABLE_NAME)))
      all(`${asSeen}: what the view says is not shown to it, and may lead to live`);
    for (const { POLICY_KIND, POLICY_NAME, REF_COLUMN_NAME, ...of } of policies) {
      if (!isPair(of.REF_SCHEMA_NAME, of.REF_ENTITY_NAME)) continue;
      if (POLICY_KIND === 'ROW_ACCESS_POLICY')
        all(`${asSeen}: row access policy ${POLICY_NAME} may hide rows`);
      else
        hidden.set(
          String(REF_COLUMN_NAME),
          `${asSeen}: masking policy ${POLICY_NAME} may hide values`,
        );
    }
  }
  return hidden;
}

const asSeen = 'compared as the role of the connection sees it';
