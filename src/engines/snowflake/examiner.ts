import { messageOf } from '../../errors.ts';
import type { ExaminationOptions, Examiner, Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Session } from './connection.ts';
import { examineClones, examineObjects } from './examine-live.ts';
import { examineSwap } from './examine-swap.ts';
import { examineWarehouse } from './examine-warehouse.ts';
import { idOf } from './mark.ts';
import { locationOf, type Place, plain } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import { Rights } from './rights.ts';
import type { StorePlace } from './store-place.ts';
import { warningsOf } from './warnings.ts';

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
    const { version } = await session.row('SELECT CURRENT_VERSION() AS "version"');
    yield good(
      subject,
      `Account ${options.account} is reached, as role ${plain(rights.role)}; Snowflake is ${version}.`,
    );
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

function* examineLogin({ options }: Examined): Iterable<Finding> {
  const { good, warning } = findingsOf('connection');
  const subject = 'way to log in';
  const [found] = warningsOf(options);
  yield found === undefined
    ? good(subject, `It is ${options.login.authenticator}.`)
    : warning(subject, found.what, found.help);
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
