import { plural } from '../../format.ts';
import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Scope } from './catalog-scope.ts';
import { cloneTheDatabase, hybridTables } from './clone-refusals.ts';
import type { Row, Session } from './connection.ts';
import type { Examined } from './examiner.ts';
import { levelOf } from './grants.ts';
import { hidingPolicies, secretViews } from './hidden.ts';
import { literal, locationOf, type Place, plain, qualified } from './names.ts';
import { namesWithin, queryOf } from './references.ts';
import type { Rights } from './rights.ts';

/** Whether candidate and baseline can be made, and of one instant. */
export async function* examineClones(
  session: Session,
  { live }: Examined,
  rights: Rights,
): AsyncIterable<Finding> {
  const { good, warning, fault } = findingsOf('databases');
  const role = plain(rights.role);
  if (live.schema === null) {
    const subject = 'the right to make databases';
    yield rights.onAccount('CREATE DATABASE')
      ? good(subject, 'Candidate and baseline can be made.')
      : fault(
          subject,
          `Role ${role} may make no databases.`,
          `An administrator can allow it: GRANT CREATE DATABASE ON ACCOUNT TO ROLE ${role};`,
        );
  } else {
    const subject = 'the right to make schemas';
    const { database } = live;
    yield rights.has('CREATE SCHEMA', 'DATABASE', database)
      ? good(subject, 'Candidate and baseline can be made.')
      : fault(
          subject,
          `Role ${role} may make no schemas in ${plain(database)}.`,
          `Its owner can allow it: GRANT CREATE SCHEMA ON DATABASE ${plain(database)} TO ROLE ${role};`,
        );
  }
  const hybrid = live.schema === null ? [] : await hybridTables(new Scope(session, live));
  if (hybrid.length > 0) {
    yield fault(
      'hybrid tables',
      `${hybrid.length} are cloned with a whole database only, and a release of the schema would take them away from live: ${hybrid.slice(0, 20).join(', ')}.`,
      cloneTheDatabase,
    );
  }
  const rows = await new Scope(session, live).informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, RETENTION_TIME',
  );
  const without = rows.filter(
    (row) => row.TABLE_TYPE === 'BASE TABLE' && Number(row.RETENTION_TIME) === 0,
  );
  const subject = 'retention';
  yield without.length === 0
    ? good(subject, `All tables keep a past${pastOf(rows)}.`)
    : warning(
        subject,
        `${without.length} tables keep no past: a clone takes each as it is when its turn comes, and fails when one is written to meanwhile.`,
        without
          .map((row) => `ALTER TABLE ${nameOf(live, row)} SET DATA_RETENTION_TIME_IN_DAYS = 1;`)
          .slice(0, 20)
          .join('\n'),
      );
  yield* examineEdition(rows);
}

/** No query tells the edition. More than one day of past is kept by Enterprise and above only (docs: "Snowflake editions"). */
function* examineEdition(tables: readonly Row[]): Iterable<Finding> {
  const days = Math.max(0, ...tables.map(({ RETENTION_TIME }) => Number(RETENTION_TIME ?? 0)));
  yield findingsOf('databases').good(
    'edition',
    days > 1
      ? `Enterprise or higher: a table keeps ${days} days of its past.`
      : 'Nothing that was seen needs more than Standard. Policies, and more than a day of past, need Enterprise.',
  );
}

function pastOf(tables: readonly Row[]): string {
  const days = tables
    .filter(({ TABLE_TYPE }) => TABLE_TYPE === 'BASE TABLE')
    .map(({ RETENTION_TIME }) => Number(RETENTION_TIME));
  return days.length === 0 ? '' : `, of at least ${plural(Math.min(...days), 'day')}`;
}

/** What a clone would lack, or read wrong. */
export async function* examineObjects(
  session: Session,
  { live, options }: Examined,
  rights: Rights,
): AsyncIterable<Finding> {
  const { good, warning, fault } = findingsOf('catalog');
  const role = plain(rights.role);
  const scope = new Scope(session, live);
  const tables = await scope.informed(
    'TABLES',
    'TABLE_SCHEMA',
    'TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE',
  );
  const readable = await readableBy(session, live, rights);
  const unread = tables.filter(
    (row) => !readable.has(JSON.stringify([row.TABLE_SCHEMA, row.TABLE_NAME])),
  );
  const subject = 'the right to read all tables and views';
  yield unread.length === 0
    ? good(subject, `Role ${role} may read all ${tables.length} that it sees.`)
    : fault(
        subject,
        `A clone leaves out, without a word, what role ${role} may not read: ${unread.length} of ${tables.length}.`,
        unread
          .map(
            (row) =>
              `GRANT SELECT ON ${/VIEW/.test(String(row.TABLE_TYPE)) ? 'VIEW' : 'TABLE'} ${nameOf(live, row)} TO ROLE ${role};`,
          )
          .slice(0, 20)
          .join('\n'),
      );
  yield warning(
    'what the role sees',
    `Tables and views that role ${role} has no privilege on at all are in none of these numbers: a clone leaves them out, and nobody can tell.`,
    `Let its owner compare the numbers: SHOW TABLES IN ${levelOf(live)} ${locationOf(live)};`,
  );
  const hiding = await hidingPolicies(scope);
  if (hiding.length > 0) {
    const names = [...new Set(hiding.map((row) => plain(String(row.POLICY_NAME))))];
    yield warning(
      'policies',
      `Masking and row access policies (${names.join(', ')}) are in force. What they hide from role ${role} is neither compared nor found as drift, so no comparison of these tables is \`identical\`.`,
      `Let these policies show role ${role} everything.`,
    );
  }
  const views = await scope.informed('VIEWS', 'TABLE_SCHEMA', 'TABLE_NAME, VIEW_DEFINITION');
  const own = plain(live.schema ?? live.database);
  const naming = views.filter((row) =>
    namesWithin(queryOf(String(row.VIEW_DEFINITION ?? '')), live, false).includes(own),
  );
  if (naming.length > 0) {
    yield warning(
      'names within definitions',
      `${naming.length} views name ${own}: in a clone they read live, and after the swap the old data.`,
      options.rewriteReferences
        ? 'connection.rewrite_references takes the name away in each clone.'
        : 'Create them with schema.table only, or set connection.rewrite_references: true.',
    );
  }
  const secret = await secretViews(scope);
  if (secret.length > 0) {
    const names = secret.map((row) => nameOf(live, row)).slice(0, 20);
    yield warning(
      'secure views',
      `What ${secret.length} views say is shown to their owner only (${names.join(', ')}). Whether they name ${own}, and would read live from within a clone, nobody can tell, so no comparison of them is \`identical\`.`,
      `Let the role that owns them be one of role ${role}: GRANT ROLE shop_owner TO ROLE ${role};`,
    );
  }
  for (const [plural, kind] of [
    ['TASKS', 'task'],
    ['PIPES', 'pipe'],
    ['STREAMS', 'stream'],
  ] as const) {
    const others = (await scope.shownIfAny(plural)).filter(
      ({ owner }) => !rights.isOneOf(String(owner)),
    );
    if (others.length === 0) continue;
    const owners = [...new Set(others.map(({ owner }) => String(owner)))];
    yield warning(
      `${kind}s`,
      `${others.length} belong to other roles (${owners.map(plain).join(', ')}): a clone leaves them out.`,
      owners.map((owner) => `GRANT ROLE ${plain(owner)} TO ROLE ${role};`).join('\n'),
    );
  }
}

function nameOf(
  { database }: Place,
  row: { TABLE_SCHEMA?: unknown; TABLE_NAME?: unknown },
): string {
  return [database, String(row.TABLE_SCHEMA), String(row.TABLE_NAME)].map(plain).join('.');
}

/** Tables and views that the role may read by itself or by another that it has. */
async function readableBy(session: Session, live: Place, rights: Rights): Promise<Set<string>> {
  const rows = await session.rows(
    `SELECT DISTINCT OBJECT_SCHEMA AS S, OBJECT_NAME AS N, GRANTEE AS G
       FROM ${qualified(live.database, 'INFORMATION_SCHEMA', 'OBJECT_PRIVILEGES')}
      WHERE PRIVILEGE_TYPE IN ('SELECT', 'OWNERSHIP') AND OBJECT_SCHEMA IS NOT NULL
        ${live.schema === null ? '' : `AND OBJECT_SCHEMA = ${literal(live.schema)}`}`,
  );
  return new Set(
    rows.filter(({ G }) => rights.isOneOf(String(G))).map(({ S, N }) => JSON.stringify([S, N])),
  );
}
