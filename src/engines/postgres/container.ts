import type { CatalogObject } from '../engine.ts';
import type { Row, Session } from './connection.ts';
import { isOfTheDatabase } from './copied.ts';
import { stateBehind } from './errors.ts';
import { literal, quote } from './names.ts';
import { slotPrefix } from './slots.ts';

/**
 * What belongs to a database as a whole and stands outside of it, in the cluster: CREATE DATABASE and pg_dump do not
 * carry it. It stays with the database when that gets another name.
 */
export async function readContainer(session: Session, database: string): Promise<CatalogObject[]> {
  const { owner, properties, comment, grants, settings, labels } = await read(session, database);
  return [
    { kind: 'database property', name: 'owner', definition: owner },
    ...Object.entries(properties).map(([name, value]) => ({
      kind: 'database property',
      name,
      definition: String(value),
    })),
    ...(comment === null ? [] : [{ kind: 'database comment', name: '', definition: comment }]),
    ...grants.map(({ grantee, privilege, grantable }) => ({
      kind: 'database grant',
      name: `${privilege} to ${grantee ?? 'PUBLIC'}`,
      definition: grantable ? 'with grant option' : 'granted',
    })),
    ...settings.map(({ role, name, value }) => ({
      kind: 'database setting',
      name: role === null ? name : `${role}/${name}`,
      definition: value,
    })),
    ...labels.map(({ provider, label }) => ({
      kind: 'database security label',
      name: provider,
      definition: label,
    })),
  ];
}

/** What a clone cannot have: it belongs to this one database, and goes on with it. Slots of Greenlight's own do not. */
export async function readTies(session: Session, database: string): Promise<string[]> {
  const rows = await session.rows(
    `SELECT 'replication slot ' || slot_name AS tie FROM pg_replication_slots WHERE database = $1 AND NOT temporary AND NOT starts_with(slot_name, '${slotPrefix}')
     UNION ALL
     SELECT 'subscription ' || subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE datname = $1
     ORDER BY tie`,
    [database],
  );
  return rows.map(({ tie }) => String(tie));
}

/**
 * Gives `to` what `from` has. Runs in a session on neither of them. What the user of the connection may not give is left,
 * and listed.
 */
export async function mirrorContainer(
  session: Session,
  from: string,
  to: string,
): Promise<string[]> {
  const [source, target] = [await read(session, from), await read(session, to)];
  const lacks: string[] = [];
  const give = async (what: string, sql: string) => {
    try {
      await session.run(sql);
    } catch (error) {
      if (stateBehind(error) !== '42501') throw error;
      lacks.push(`${what} (not allowed to the user of the connection)`);
    }
  };
  const at = quote(to);
  if (source.owner !== target.owner) {
    await give(
      `owner ${source.owner} of the database`,
      `ALTER DATABASE ${at} OWNER TO ${quote(source.owner)}`,
    );
  }
  // Changing the owner changes who has been granted what.
  for (const { what, sql } of [
    ...propertyStatements(source, target, at),
    ...grantStatements(source, await read(session, to), at),
    ...settingStatements(source, target, at),
    ...labelStatements(source, at),
  ]) {
    await give(what, sql);
  }
  return lacks;
}

/** Only that; where it is not allowed, `mirrorContainer` tells. */
export async function giveOwner(session: Session, from: string, to: string): Promise<void> {
  const { owner } = await read(session, from);
  try {
    await session.run(`ALTER DATABASE ${quote(to)} OWNER TO ${quote(owner)}`);
  } catch (error) {
    if (stateBehind(error) !== '42501') throw error;
  }
}

interface Statement {
  /** What the database lacks when it is not allowed. */
  readonly what: string;
  readonly sql: string;
}

interface Container {
  readonly owner: string;
  readonly properties: Readonly<Record<string, string | boolean | null>>;
  readonly comment: string | null;
  /** `grantee` null: everybody. */
  readonly grants: readonly {
    readonly grantee: string | null;
    readonly privilege: string;
    readonly grantable: boolean;
  }[];
  /** `role` null: of everybody. */
  readonly settings: readonly {
    readonly role: string | null;
    readonly name: string;
    readonly value: string;
  }[];
  readonly labels: readonly { readonly provider: string; readonly label: string }[];
}

async function read(session: Session, database: string): Promise<Container> {
  // As JSON, because the columns of the locale have other names in other versions.
  const { oid, owner, facts, comment } = await session.row(
    `SELECT d.oid, pg_get_userbyid(datdba) AS owner, to_jsonb(d) - 'datacl' AS facts,
            shobj_description(d.oid, 'pg_database') AS comment
       FROM pg_database d WHERE datname = $1`,
    [database],
  );
  const all = JSON.parse(String(facts)) as Record<string, string | number | boolean | null>;
  const grants = await session.rows(
    `SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END AS grantee,
            a.privilege_type AS privilege, bool_or(a.is_grantable) AS grantable
       FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
      WHERE d.oid = $1 GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2`,
    [String(oid)],
  );
  const settings = await session.rows(
    `SELECT CASE WHEN setrole = 0 THEN NULL ELSE pg_get_userbyid(setrole) END AS role, setting
       FROM pg_db_role_setting, unnest(setconfig) WITH ORDINALITY AS s (setting, at)
      WHERE setdatabase = $1 AND ${isOfTheDatabase('setting')} ORDER BY 1 NULLS FIRST, at`,
    [String(oid)],
  );
  const labels = await session.rows(
    `SELECT provider, label FROM pg_shseclabel
      WHERE classoid = 'pg_database'::regclass AND objoid = $1 ORDER BY 1`,
    [String(oid)],
  );
  return {
    owner: String(owner),
    properties: {
      'connection limit': String(all.datconnlimit),
      template: all.datistemplate === true,
    },
    comment: comment === null ? null : String(comment),
    grants: grants.map(({ grantee, privilege, grantable }) => ({
      grantee: textOrNull(grantee),
      privilege: String(privilege),
      grantable: grantable === true,
    })),
    settings: settings.map(toSetting),
    labels: labels.map(({ provider, label }) => ({
      provider: String(provider),
      label: String(label),
    })),
  };
}

function toSetting({ role, setting }: Row): Container['settings'][number] {
  const text = String(setting);
  const end = text.indexOf('=');
  return { role: textOrNull(role), name: text.slice(0, end), value: text.slice(end + 1) };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function propertyStatements(source: Container, target: Container, at: string): Statement[] {
  const { 'connection limit': limit, template } = source.properties;
  const comment = source.comment === null ? 'NULL' : literal(source.comment);
  return [
    ...(limit === target.properties['connection limit']
      ? []
      : [
          {
            what: 'connection limit of the database',
            sql: `ALTER DATABASE ${at} CONNECTION LIMIT ${limit}`,
          },
        ]),
    ...(template === target.properties.template
      ? []
      : [
          {
            what: 'template property of the database',
            sql: `ALTER DATABASE ${at} IS_TEMPLATE ${template}`,
          },
        ]),
    ...(source.comment === target.comment
      ? []
      : [{ what: 'comment of the database', sql: `COMMENT ON DATABASE ${at} IS ${comment}` }]),
  ];
}

function grantStatements(source: Container, target: Container, at: string): Statement[] {
  const key = ({ grantee, privilege, grantable }: Container['grants'][number]) =>
    JSON.stringify([grantee, privilege, grantable]);
  const [want, have] = [new Set(source.grants.map(key)), new Set(target.grants.map(key))];
  const role = (grantee: string | null) => (grantee === null ? 'PUBLIC' : quote(grantee));
  return [
    ...target.grants
      .filter((grant) => !want.has(key(grant)))
      .map(({ privilege, grantee }) => ({
        what: `revocation of ${privilege} from ${grantee ?? 'PUBLIC'} on the database`,
        sql: `REVOKE ${privilege} ON DATABASE ${at} FROM ${role(grantee)}`,
      })),
    ...source.grants
      .filter((grant) => !have.has(key(grant)))
      .map(({ privilege, grantee, grantable }) => ({
        what: `grant of ${privilege} to ${grantee ?? 'PUBLIC'} on the database`,
        sql: `GRANT ${privilege} ON DATABASE ${at} TO ${role(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`,
      })),
  ];
}

function settingStatements(source: Container, target: Container, at: string): Statement[] {
  const of = (role: string | null) =>
    role === null ? `ALTER DATABASE ${at}` : `ALTER ROLE ${quote(role)} IN DATABASE ${at}`;
  const what = ({ role, name }: { role: string | null; name: string }) =>
    `setting ${role === null ? '' : `${role}/`}${name} of the database`;
  const isIn = (
    { settings }: Container,
    { role, name, value }: Container['settings'][number],
    equal: boolean,
  ) =>
    settings.some(
      (one) => one.role === role && one.name === name && (!equal || one.value === value),
    );
  return [
    ...target.settings
      .filter((setting) => !isIn(source, setting, false))
      .map((setting) => ({
        what: `reset of ${what(setting)}`,
        sql: `${of(setting.role)} RESET ${settingName(setting.name)}`,
      })),
    ...source.settings
      .filter((setting) => !isIn(target, setting, true))
      .map((setting) => ({
        what: what(setting),
        sql: `${of(setting.role)} SET ${settingName(setting.name)} TO ${settingValue(setting)}`,
      })),
  ];
}

function labelStatements({ labels }: Container, at: string): Statement[] {
  return labels.map(({ provider, label }) => ({
    what: `security label of ${provider} on the database`,
    sql: `SECURITY LABEL FOR ${quote(provider)} ON DATABASE ${at} IS ${literal(label)}`,
  }));
}

/** `search_path`, or `shop.tax_rate` of an extension or an application. */
function settingName(name: string): string {
  return name.split('.').map(quote).join('.');
}

/** Settings whose value is a list of names: written as one text, it would be one name (pg_dump knows the same list). */
const listsOfNames = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

function settingValue({ name, value }: { readonly name: string; readonly value: string }): string {
  if (!listsOfNames.has(name.toLowerCase())) return literal(value);
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|[^,\s]+/g)].map(
    ([bare, quoted]) => quoted?.replaceAll('""', '"') ?? bare,
  );
  return names.length === 0 ? "''" : names.map(literal).join(', ');
}
