import { Scope } from './catalog-scope.ts';
import { readContainerTags, type TagOn } from './catalog-tags.ts';
import type { Cell, Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { literal, locationOf, type Place, qualified, quote, quotePlace } from './names.ts';

export interface ContainerGrant {
  readonly privilege: string;
  /** `ROLE`, `DATABASE_ROLE`, `SHARE`. */
  readonly grantedTo: string;
  readonly grantee: string;
  readonly option: boolean;
}

export interface FutureGrant extends ContainerGrant {
  /** `TABLE`, `VIEW`. */
  readonly on: string;
  /** Of a database: the schema in which alone it holds, and there instead of those of the database. Null: everywhere. */
  readonly schema: string | null;
}

/**
 * What belongs to a database or schema as a whole: a clone has none of its grants (docs: "Cloning considerations"). Tags and
 * the future grants of a database's schemas come along, and are looked at all the same.
 */
export interface Container {
  readonly at: Place;
  readonly owner: string;
  readonly grants: readonly ContainerGrant[];
  /** Null: the role of the connection may not look at them, so nobody knows whether there are any. */
  readonly future: readonly FutureGrant[] | null;
  /** Of a database: its schemas. */
  readonly schemas: readonly string[];
  readonly tags: readonly TagOn[];
}

export async function readContainer(session: Session, place: Place): Promise<Container> {
  const [own, schemas, tags] = await Promise.all([
    session.rows(`SHOW GRANTS ON ${levelOf(place)} ${quotePlace(place)}`),
    schemasOf(session, place),
    readContainerTags(session, place),
  ]);
  const future = await Promise.all(
    [null, ...schemas].map((schema) => readFuture(session, place, schema)),
  );
  const grants = own.map((row) => ({
    privilege: String(row.privilege),
    grantedTo: String(row.granted_to),
    grantee: granteeIn(row.granted_to, row.grantee_name),
    option: String(row.grant_option) === 'true',
  }));
  return {
    at: place,
    owner: grants.find(({ privilege }) => privilege === 'OWNERSHIP')?.grantee ?? '',
    grants: grants.filter(({ privilege }) => privilege !== 'OWNERSHIP'),
    future: future.some((one) => one === null) ? null : future.flatMap((one) => one ?? []),
    schemas,
    tags,
  };
}

async function schemasOf(session: Session, place: Place): Promise<string[]> {
  if (place.schema !== null) return [];
  const rows = await new Scope(session, place).informed('SCHEMATA', 'SCHEMA_NAME', 'SCHEMA_NAME');
  return rows.map((row) => String(row.SCHEMA_NAME));
}

/** Of one of its schemas, or where that is null of the place itself. */
async function readFuture(
  session: Session,
  place: Place,
  schema: string | null,
): Promise<FutureGrant[] | null> {
  const at = schema === null ? place : { ...place, schema };
  const told = (row: Row): FutureGrant => ({
    privilege: String(row.privilege),
    on: String(row.grant_on).replaceAll('_', ' '),
    schema,
    grantedTo: String(row.grant_to),
    grantee: granteeIn(row.grant_to, row.grantee_name),
    option: String(row.grant_option) === 'true',
  });
  try {
    return (await session.rows(`SHOW FUTURE GRANTS IN ${levelOf(at)} ${quotePlace(at)}`)).map(told);
  } catch (error) {
    if (codeBehind(error) === '003001') return null;
    throw error;
  }
}

/**
 * Gives `to` what `from` has: grants, future grants, tags, and the owner last, for who owns it no more may not give anything.
 * What the role of the connection may not give is left, and listed.
 */
export async function mirrorContainer(session: Session, from: Place, to: Place): Promise<string[]> {
  const [source, target] = [await readContainer(session, from), await readContainer(session, to)];
  const lacks: string[] = [];
  for (const { what, sql, needs } of statements(source, target, to)) {
    try {
      await session.run(sql);
    } catch (error) {
      if (!['003001', '002003', '003540'].includes(codeBehind(error) ?? '')) throw error;
      const way = needs === null ? '' : `, or let an administrator run ${needs}`;
      lacks.push(
        `${what}: not allowed to the role of the connection, and the swap is refused without it (${sql}${way})`,
      );
    }
  }
  return [
    ...lacks,
    ...(source.future === null || target.future === null ? [unknownFuture(source, from, to)] : []),
    ...source.grants
      .filter(isShare)
      .map(({ grantee }) => `share ${grantee}, which stays with the database that is live now`),
  ];
}

/** The same without the owner, as far as Snowflake takes it. */
export async function mirrorGrants(session: Session, from: Place, to: Place): Promise<void> {
  const [source, target] = [await readContainer(session, from), await readContainer(session, to)];
  for (const { sql } of statements({ ...source, owner: target.owner }, target, to)) {
    await session.run(sql).catch((error) => {
      if (codeBehind(error) === null) throw error;
    });
  }
}

function unknownFuture({ future }: Container, from: Place, to: Place): string {
  return `future grants: the role of the connection may not look at those of ${locationOf(future === null ? from : to)}, so the clone may lack some, and the swap is refused (${managingGrants})`;
}

/** What lets a role see and give the future grants of every database and schema (docs: GRANT <privileges>, "Future grants"). */
export const managingGrants = 'GRANT MANAGE GRANTS ON ACCOUNT TO ROLE release_role';

/** Readers lose nothing by an exchange only where the one that comes has all that the one that goes has. */
export function lackingGrants(live: Container, incoming: Container, at: Place): string[] {
  return statements(live, incoming, at).map(({ sql }) => `${sql};`);
}

interface Statement {
  /** What the container lacks when it is not allowed. */
  readonly what: string;
  readonly sql: string;
  /** What would allow it, where that is more than owning the container. */
  readonly needs: string | null;
}

function statements(source: Container, target: Container, to: Place): Statement[] {
  const level = levelOf(to);
  const at = quotePlace(to);
  const passing = (option: boolean) => (option ? ' WITH GRANT OPTION' : '');
  const known = new Set([...target.grants, ...(target.future ?? [])].map(told));
  return [
    ...source.grants
      .filter(
        (grant) => !isShare(grant) && !known.has(told(grant)) && grant.grantee !== target.owner,
      )
      .map(({ privilege, grantedTo, grantee, option }) => ({
        what: `grant of ${privilege} to ${grantee}`,
        sql: `GRANT ${privilege} ON ${level} ${at} TO ${granteeOf(grantedTo, grantee, to)}${passing(option)}`,
        needs: null,
      })),
    ...(source.future ?? [])
      .filter((grant) => !known.has(told(grant)) && isIn(target, grant))
      .map(({ privilege, on, schema, grantedTo, grantee, option }) => {
        const within = schema === null ? to : { ...to, schema };
        return {
          what: `future grant of ${privilege} on ${on.toLowerCase()}s to ${grantee}`,
          sql: `GRANT ${privilege} ON FUTURE ${pluralOf(on)} IN ${levelOf(within)} ${quotePlace(within)} TO ${granteeOf(grantedTo, grantee, to)}${passing(option)}`,
          needs: managingGrants,
        };
      }),
    ...source.tags.map(tagIn(source.at, to)).flatMap(({ tag, value }) =>
      target.tags.some((one) => qualified(...one.tag) === qualified(...tag))
        ? []
        : [
            {
              what: `tag ${tag.join('.')}`,
              sql: `ALTER ${level} ${at} SET TAG ${qualified(...tag)} = ${literal(value)}`,
              needs: 'GRANT APPLY TAG ON ACCOUNT TO ROLE release_role',
            },
          ],
    ),
    ...(source.owner === target.owner || source.owner === ''
      ? []
      : [
          {
            what: `owner ${source.owner}`,
            sql: `GRANT OWNERSHIP ON ${level} ${at} TO ROLE ${quote(source.owner)} COPY CURRENT GRANTS`,
            needs: null,
          },
        ]),
  ];
}

/** A schema that the migration has dropped needs no grants. */
function isIn({ schemas }: Container, { schema }: FutureGrant): boolean {
  return schema === null || schemas.includes(schema);
}

/** A tag of the place itself is that of the clone (docs: "Cloning and governance objects"). */
function tagIn(from: Place, to: Place): (one: TagOn) => TagOn {
  return ({ tag: [database, schema, name], ...rest }) => {
    const isWithin = database === from.database && (from.schema === null || schema === from.schema);
    return {
      tag: isWithin ? [to.database, to.schema ?? schema, name] : [database, schema, name],
      ...rest,
    };
  };
}

function told(grant: ContainerGrant | FutureGrant): string {
  const { privilege, grantedTo, grantee, option } = grant;
  const future = 'on' in grant ? [grant.on, grant.schema] : [];
  return JSON.stringify([future, privilege, grantedTo, grantee, option]);
}

function isShare({ grantedTo }: ContainerGrant): boolean {
  return grantedTo === 'SHARE';
}

/** A database role is one of the database, and cloned with it: its name within that tells it. */
function granteeIn(grantedTo: Cell | undefined, name: Cell | undefined): string {
  const told = String(name);
  return grantedTo === 'DATABASE_ROLE' ? (told.split('.').at(-1) ?? told) : told;
}

function granteeOf(grantedTo: string, grantee: string, { database }: Place): string {
  return grantedTo === 'DATABASE_ROLE'
    ? `DATABASE ROLE ${qualified(database, grantee)}`
    : `ROLE ${quote(grantee)}`;
}

function pluralOf(kind: string): string {
  return kind.endsWith('Y') ? `${kind.slice(0, -1)}IES` : `${kind}S`;
}

export function levelOf({ schema }: Place): 'DATABASE' | 'SCHEMA' {
  return schema === null ? 'DATABASE' : 'SCHEMA';
}
