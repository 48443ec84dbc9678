import type { Cell, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { locationOf, type Place, qualified, quote, quotePlace } from './names.ts';

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
}

/** What belongs to a database or schema as a whole: a clone has none of it (docs: cloning considerations). */
export interface Container {
  readonly owner: string;
  readonly grants: readonly ContainerGrant[];
  /** Null: the role of the connection may not look at them, so nobody knows whether there are any. */
  readonly future: readonly FutureGrant[] | null;
}

export async function readContainer(session: Session, place: Place): Promise<Container> {
  const level = levelOf(place);
  const [own, future] = await Promise.all([
    session.rows(`SHOW GRANTS ON ${level} ${quotePlace(place)}`),
    session.rows(`SHOW FUTURE GRANTS IN ${level} ${quotePlace(place)}`).catch((error) => {
      if (codeBehind(error) === '003001') return null;
      throw error;
    }),
  ]);
  const grants = own.map((row) => ({
    privilege: String(row.privilege),
    grantedTo: String(row.granted_to),
    grantee: granteeIn(row.granted_to, row.grantee_name),
    option: String(row.grant_option) === 'true',
  }));
  return {
    owner: grants.find(({ privilege }) => privilege === 'OWNERSHIP')?.grantee ?? '',
    grants: grants.filter(({ privilege }) => privilege !== 'OWNERSHIP'),
    future:
      future?.map((row) => ({
        privilege: String(row.privilege),
        on: String(row.grant_on).replaceAll('_', ' '),
        grantedTo: String(row.grant_to),
        grantee: granteeIn(row.grant_to, row.grantee_name),
        option: String(row.grant_option) === 'true',
      })) ?? null,
  };
}

/**
 * Gives `to` what `from` has: grants, future grants, and the owner last, for who owns it no more may not give anything.
 * What the role of the connection may not give is left, and listed.
 */
export async function mirrorContainer(session: Session, from: Place, to: Place): Promise<string[]> {
  const [source, target] = [await readContainer(session, from), await readContainer(session, to)];
  const lacks: string[] = [];
  for (const { what, sql } of statements(source, target, to)) {
    try {
      await session.run(sql);
    } catch (error) {
      if (!['003001', '002003', '003540'].includes(codeBehind(error) ?? '')) throw error;
      lacks.push(`${what} (not allowed to the role of the connection: ${sql})`);
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
  return `future grants: the role of the connection may not look at those of ${locationOf(future === null ? from : to)}, so the clone may lack some, and the swap is refused (${seeingGrants})`;
}

/** What lets a role see the future grants of every database and schema. */
export const seeingGrants = 'GRANT MANAGE GRANTS ON ACCOUNT TO ROLE release_role';

/** Readers lose nothing by an exchange only where the one that comes has all that the one that goes has. */
export function lackingGrants(live: Container, incoming: Container, at: Place): string[] {
  return statements(live, incoming, at).map(({ sql }) => `${sql};`);
}

interface Statement {
  /** What the container lacks when it is not allowed. */
  readonly what: string;
  readonly sql: string;
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
      })),
    ...(source.future ?? [])
      .filter((grant) => !known.has(told(grant)))
      .map(({ privilege, on, grantedTo, grantee, option }) => ({
        what: `future grant of ${privilege} on ${on.toLowerCase()}s to ${grantee}`,
        sql: `GRANT ${privilege} ON FUTURE ${pluralOf(on)} IN ${level} ${at} TO ${granteeOf(grantedTo, grantee, to)}${passing(option)}`,
      })),
    ...(source.owner === target.owner || source.owner === ''
      ? []
      : [
          {
            what: `owner ${source.owner}`,
            sql: `GRANT OWNERSHIP ON ${level} ${at} TO ROLE ${quote(source.owner)} COPY CURRENT GRANTS`,
          },
        ]),
  ];
}

function told(grant: ContainerGrant | FutureGrant): string {
  const { privilege, grantedTo, grantee, option } = grant;
  return JSON.stringify(['on' in grant ? grant.on : '', privilege, grantedTo, grantee, option]);
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
