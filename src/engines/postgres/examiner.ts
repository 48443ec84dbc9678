import { GreenlightError, messageOf } from '../../errors.ts';
import type { ExaminationOptions, Examiner, Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Session } from './connection.ts';
import { routineBehind, stateBehind, withoutData } from './errors.ts';
import { examineCatalog } from './examiner-catalog.ts';
import { examineComparison } from './examiner-comparison.ts';
import { examineCopies, examineSchemaCopies } from './examiner-copies.ts';
import { examineDrift } from './examiner-drift.ts';
import { examineGiven } from './examiner-given.ts';
import { examineServer, readUser, type User } from './examiner-server.ts';
import { examineSchemaSwap, examineSwap } from './examiner-swap.ts';
import { type Place, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import type { StorePlace } from './store-place.ts';

export interface Examined {
  readonly live: Place;
  readonly ledger: StorePlace;
  readonly options: PostgresOptions;
}

export function postgresExaminer(examined: Examined): Examiner {
  return { examine: (options) => examine(examined, options) };
}

/**
 * In sessions that cannot write. The one on live is closed before it is asked how live would be cloned: whether others
 * are on it counts there.
 */
async function* examine(examined: Examined, options: ExaminationOptions): AsyncIterable<Finding> {
  const { live } = examined;
  const reached = await reach(examined);
  yield reached.finding;
  if (reached.user === null) return;
  const { user } = reached;
  yield* inLive(examined, 'connection', (session) => examineServer(session, examined, user));
  if (live.schema === null) {
    yield* examineCopies(examined, user, options);
  } else {
    yield* inLive(examined, 'databases', (session) =>
      examineSchemaCopies(session, live, user, options),
    );
  }
  if (options.baseline !== undefined) yield await examineGiven(options.baseline, examined.options);
  yield* inLive(examined, 'catalog', (session) => examineCatalog(session, live, user));
  yield* inLive(examined, 'comparison', (session) => examineComparison(session, live, user));
  yield* live.schema === null
    ? examineSwap(examined, user)
    : inLive(examined, 'swap', (session) => examineSchemaSwap(session, live, user));
  yield* inLive(examined, 'swap', (session) => examineDrift(session, examined.options, user));
  if (options.replays) {
    yield* inLive(examined, 'replay', (session) => examineReplay(session, live, user));
  }
  yield await examineStore(examined, user);
}

// Connection ---------------------------------------------------------------------------------------

interface Reached {
  readonly finding: Finding;
  /** Null: there is nothing more to look at. */
  readonly user: User | null;
}

async function reach({ live, options }: Examined): Promise<Reached> {
  const { good, fault, thrown } = findingsOf('connection');
  const subject = 'session on live';
  const where = `${options.user} at ${options.host}:${options.port}`;
  try {
    return await Session.use(live.database, options, looking, async (session) => {
      const user = await readUser(session);
      const there =
        live.schema === null ||
        (await session.rows('SELECT FROM pg_namespace WHERE nspname = $1', [live.schema])).length >
          0;
      return there
        ? { finding: good(subject, `Database ${live.database} can be reached, as ${where}.`), user }
        : {
            finding: fault(
              subject,
              `There is no schema ${live.schema} in database ${live.database}.`,
              'Check `live` in greenlight.yml.',
            ),
            user: null,
          };
    });
  } catch (error) {
    const isDenied =
      error instanceof GreenlightError &&
      stateBehind(error) === '42501' &&
      routineBehind(error) === 'CheckMyDatabase';
    const finding = isDenied
      ? fault(
          subject,
          `${options.user} may not connect to database ${live.database}.`,
          `Its owner can allow it: GRANT CONNECT ON DATABASE ${quote(live.database)} TO ${quote(options.user)};`,
        )
      : thrown(`${subject}, as ${where}`, error, messageOf);
    return { finding, user: null };
  }
}

const looking = { purpose: 'doctor', readOnly: true };

/** What goes wrong on the way is a finding; what was found before stands. */
async function* inLive(
  { live, options }: Examined,
  part: Finding['part'],
  work: (session: Session) => AsyncIterable<Finding>,
): AsyncIterable<Finding> {
  let session: Session | null = null;
  try {
    session = await Session.open(live.database, options, looking);
    yield* work(session);
  } catch (error) {
    yield findingsOf(part).thrown('what else there is', error, withoutData);
  } finally {
    await session?.close();
  }
}

// Replay -------------------------------------------------------------------------------------------

async function* examineReplay(
  session: Session,
  { schema }: Place,
  { name, isSuper }: User,
): AsyncIterable<Finding> {
  const { good, warning } = findingsOf('replay');
  const subject = 'rows past triggers and foreign keys';
  const { may, needed } = await session.row(
    `SELECT has_parameter_privilege('session_replication_role', 'SET') AS may,
            EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND ($1::name IS NULL OR n.nspname = $1))
            OR EXISTS (SELECT FROM pg_rules WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
                     AND ($1::name IS NULL OR schemaname = $1)) AS needed`,
    [schema],
  );
  yield isSuper || may === true || needed !== true
    ? good(
        subject,
        needed === true
          ? 'They can be brought over.'
          : 'Live has no triggers, rules and foreign keys that would act on them.',
      )
    : warning(
        subject,
        `${name} may not bring rows past triggers and foreign keys, and tables of live have some: those cannot be replayed.`,
        `A superuser can allow it: GRANT SET ON PARAMETER session_replication_role TO ${quote(name)};`,
      );
}

// Ledger -------------------------------------------------------------------------------------------

async function examineStore(
  { ledger: { database, schema }, options }: Examined,
  { name, makesDatabases }: User,
): Promise<Finding> {
  const { good, fault, thrown } = findingsOf('stores');
  const subject = 'place of the ledger';
  try {
    return await Session.use(database, options, looking, async (session) => {
      const { there, writes, makes } = await session.row(
        `SELECT n.oid IS NOT NULL AS there, has_database_privilege(current_database(), 'CREATE') AS makes,
                coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'), false) AS writes
           FROM (SELECT) AS one LEFT JOIN pg_namespace n ON n.nspname = $1`,
        [schema],
      );
      if (there === true && writes !== true) {
        return fault(
          subject,
          `${name} may not make tables in schema ${schema} of database ${database}.`,
          `Its owner can allow it: GRANT USAGE, CREATE ON SCHEMA ${quote(schema)} TO ${quote(name)};`,
        );
      }
      if (there !== true && makes !== true) {
        return fault(
          subject,
          `There is no schema ${schema} in database ${database} yet, and ${name} may not make it.`,
          `The owner of the database can allow it: GRANT CREATE ON DATABASE ${quote(database)} TO ${quote(name)};`,
        );
      }
      return good(subject, `Schema ${schema} of database ${database} can be written.`);
    });
  } catch (error) {
    if (stateBehind(error) !== '3D000') return thrown(subject, error, withoutData);
    return makesDatabases
      ? good(subject, `Database ${database} can be made.`)
      : fault(
          subject,
          `There is no database ${database} yet, and ${name} may not make it.`,
          `A superuser can allow it: ALTER ROLE ${quote(name)} CREATEDB;`,
        );
  }
}
