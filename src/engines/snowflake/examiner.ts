import { messageOf } from '../../errors.ts';
import type { ExaminationOptions, Examiner, Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Scope } from './catalog-scope.ts';
import { Session } from './connection.ts';
import { levelOf, readContainer, seeingGrants } from './grants.ts';
import { hidingPolicies, secretViews } from './hidden.ts';
import { idOf } from './mark.ts';
import { literal, locationOf, type Place, plain, qualified, quote, quotePlace } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { namesWithin, queryOf } from './references.ts';
import { Rights } from './rights.ts';
import type { StorePlace } from './store-place.ts';

export interface Examined {
  readonly live: Place;
  readonly ledger: StorePlace;
  readonly options: SnowflakeOptions;
}

/** Looks by SHOW and the information schema; nothing is made, and no table is read. */
export function snowflakeExaminer(examined: Examined): Examiner {
  return { examine: (options) => examine(examined, options) };
}

async function* examine(examined: Examined, _: ExaminationOptions): AsyncIterable<Finding> {
  const { options, live } = examined;
  const { good, fault, thrown } = findingsOf('connection');
  const subject = 'login';
  let session: Session;
  try {
    session = await Session.open(options, { purpose: 'doctor', looksOnly: true });
  } catch (error) {
    yield thrown(subject, error, messageOf);
    return;
  }
  try {
    const rights = await Rights.of(session);
    yield good(subject, `Account ${options.account} is reached, as role ${plain(rights.role)}.`);
    yield* examineLogin(examined);
    yield* guarded('connection', 'warehouse', () => examineWarehouse(session, examined, rights));
    const id = await idOf(session, live);
    if (id === null) {
      yield fault(
        'live',
        `There is no ${locationOf(live)}, or role ${plain(rights.role)} may not use it.`,
        `Check \`live\` in greenlight.yml. Its owner can allow it: GRANT USAGE ON DATABASE ${plain(live.database)} TO ROLE ${plain(rights.role)};`,
      );
      return;
    }
    yield* guarded('databases', 'clone', () => examineClones(session, examined, rights));
    yield* guarded('catalog', 'objects', () => examineObjects(session, examined, rights));
    yield* guarded('swap', 'exchange', () => examineSwap(session, examined, rights));
    yield* guarded('stores', 'ledger', () => examineLedger(session, examined, rights));
  } catch (error) {
    yield thrown('session', error, messageOf);
  } finally {
    await session.close();
  }
}

/** What cannot be looked at is a finding like others; what was found before stands. */
async function* guarded(
  part: Finding['part'],
  subject: string,
  work: () => AsyncIterable<Finding>,
): AsyncIterable<Finding> {
  try {
    yield* work();
  } catch (error) {
    yield findingsOf(part).thrown(subject, error, messageOf);
  }
}

function* examineLogin({ options: { login } }: Examined): Iterable<Finding> {
  const { good, warning } = findingsOf('connection');
  const subject = 'way to log in';
  if (login.authenticator !== 'SNOWFLAKE') {
    yield good(subject, `It is ${login.authenticator}.`);
    return;
  }
  yield warning(
    subject,
    'It is a password alone, which Snowflake is ending for services.',
    'Use a key pair, a programmatic access token or the identity of the CI job (docs/snowflake.md).',
  );
}

async function* examineWarehouse(
  session: Session,
  { options }: Examined,
  rights: Rights,
): AsyncIterable<Finding> {
  const { good, fault } = findingsOf('connection');
  const { warehouse } = await session.row('SELECT CURRENT_WAREHOUSE() AS "warehouse"');
  const role = plain(rights.role);
  if (warehouse === null) {
    const named = options.warehouse;
    yield fault(
      'warehouse',
      named === null
        ? 'None is named, and the user has no default.'
        : `There is no ${plain(named)}, or role ${role} may not use it.`,
      named === null
        ? 'Name one in connection.warehouse.'
        : `Its owner can allow it: GRANT USAGE, OPERATE ON WAREHOUSE ${plain(named)} TO ROLE ${role};`,
    );
    return;
  }
  const name = String(warehouse);
  yield good('warehouse', `Statements run in ${plain(name)}.`);
  if (options.warehouseSize === null) return;
  const subject = 'size of the warehouse';
  if (rights.has('MODIFY', 'WAREHOUSE', quote(name)) || rights.has('MODIFY', 'WAREHOUSE', name)) {
    yield good(subject, `It may be set to ${options.warehouseSize}.`);
    return;
  }
  yield fault(
    subject,
    `Role ${role} may not change it, and connection.warehouse_size is set.`,
    `Its owner can allow it: GRANT MODIFY ON WAREHOUSE ${plain(name)} TO ROLE ${role};`,
  );
}

async function* examineClones(
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
    ? good(subject, 'All tables keep a past, so a clone is of one instant.')
    : warning(
        subject,
        `${without.length} tables keep no past: a clone takes each as it is when its turn comes, and fails when one is written to meanwhile.`,
        without
          .map((row) => `ALTER TABLE ${nameOf(live, row)} SET DATA_RETENTION_TIME_IN_DAYS = 1;`)
          .slice(0, 20)
          .join('\n'),
      );
}

function nameOf(
  { database }: Place,
  row: { TABLE_SCHEMA?: unknown; TABLE_NAME?: unknown },
): string {
  return [database, String(row.TABLE_SCHEMA), String(row.TABLE_NAME)].map(plain).join('.');
}

async function* examineObjects(
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

async function* examineSwap(
  session: Session,
  { live }: Examined,
  rights: Rights,
): AsyncIterable<Finding> {
  const { good, warning, fault } = findingsOf('swap');
  const role = plain(rights.role);
  const { owner, grants, future } = await readContainer(session, live);
  const subject = 'ownership of live';
  yield rights.isOneOf(owner)
    ? good(subject, `Live belongs to ${plain(owner)}, which role ${role} is or has.`)
    : fault(
        subject,
        `Live belongs to ${plain(owner)}: only its owner may swap it.`,
        `An administrator can allow it: GRANT ROLE ${plain(owner)} TO ROLE ${role};`,
      );
  if (future === null) {
    yield fault(
      'future grants',
      `Role ${role} may not look at those of live: a clone may lack some, and the swap is refused.`,
      `An administrator can allow it: ${seeingGrants.replace('release_role', role)};`,
    );
  }
  const shares = grants.filter(({ grantedTo }) => grantedTo === 'SHARE');
  if (shares.length > 0) {
    yield warning(
      'shares',
      `Live is shared (${shares.map(({ grantee }) => plain(grantee)).join(', ')}): a share stays with the database that it was given, so its consumers would read the old one.`,
      shares
        .map(
          ({ grantee, privilege }) =>
            `After the swap: GRANT ${privilege} ON DATABASE ${quotePlace(live)} TO SHARE ${plain(grantee)};`,
        )
        .join('\n'),
    );
  }
  const running = (await new Scope(session, live).shownIfAny('TASKS')).filter(
    ({ state }) => String(state).toLowerCase() === 'started',
  );
  const tasks = 'the right to run tasks';
  if (running.length > 0 && !rights.onAccount('EXECUTE TASK')) {
    yield fault(
      tasks,
      `${running.length} tasks run in live, and role ${role} may not resume them after the swap.`,
      `An administrator can allow it: GRANT EXECUTE TASK ON ACCOUNT TO ROLE ${role};`,
    );
  }
  yield good(
    'writers',
    'Nothing of Snowflake keeps writers off: what they write while the swap is under way is found after it, and the swap is taken back.',
  );
}

async function* examineLedger(
  session: Session,
  { ledger }: Examined,
  rights: Rights,
): AsyncIterable<Finding> {
  const { good, fault } = findingsOf('stores');
  const role = plain(rights.role);
  const subject = 'ledger';
  const at = plain(ledger.database);
  const isThere = (await idOf(session, { database: ledger.database, schema: null })) !== null;
  if (!isThere) {
    yield rights.onAccount('CREATE DATABASE')
      ? good(subject, `Database ${at} is made when it is first needed.`)
      : fault(
          subject,
          `There is no database ${at}, and role ${role} may not make it.`,
          `CREATE DATABASE ${at};\nGRANT USAGE, CREATE SCHEMA ON DATABASE ${at} TO ROLE ${role};`,
        );
    return;
  }
  const schema = (await idOf(session, ledger)) !== null;
  const may = schema
    ? rights.has('CREATE TABLE', 'SCHEMA', `${ledger.database}.${ledger.schema}`)
    : rights.has('CREATE SCHEMA', 'DATABASE', ledger.database);
  yield may
    ? good(subject, `Database ${at} can take the ledger.`)
    : fault(
        subject,
        `Role ${role} may not make what the ledger needs in ${at}.`,
        schema
          ? `GRANT USAGE, CREATE TABLE, CREATE VIEW ON SCHEMA ${at}.${plain(ledger.schema)} TO ROLE ${role};`
          : `GRANT USAGE, CREATE SCHEMA ON DATABASE ${at} TO ROLE ${role};`,
      );
}
