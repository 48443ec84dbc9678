import type { ExaminationOptions, Examiner, Finding, Location } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Session } from './connection.ts';
import { enter, guarded, notOpened, type Place } from './examiner-asking.ts';
import { examineEncryption, examineVersion } from './examiner-connection.ts';
import { examineCopying, examineMaking } from './examiner-copies.ts';
import { examineDefinitions, examineReading } from './examiner-reading.ts';
import { examineReplay, examineSwap, examineSynonyms } from './examiner-swap.ts';
import { findDatabase } from './found.ts';
import { databaseOf, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { may } from './rights.ts';
import { readServer } from './server.ts';

/**
 * Asks the server what the login may do, and what it and the database are, before a release needs it. Everything is
 * asked of the server itself (HAS_PERMS_BY_NAME): what counts is what a right comes to, not how it was given.
 */
export function sqlserverExaminer({
  options,
  ledger,
  databaseOfLive,
}: {
  readonly options: SqlserverOptions;
  readonly ledger: Location;
  /** Which database is live: synonyms may say so. */
  databaseOfLive(): Promise<string>;
}): Examiner {
  return {
    examine: async function* (how) {
      yield* examineEncryption(options);
      let live: string;
      try {
        live = await databaseOfLive();
      } catch (error) {
        yield notOpened(error, 'connecting', options.synonyms ?? '');
        return;
      }
      yield* examine({ options, live, ledger: databaseOf(ledger) }, how);
    },
  };
}

async function* examine(place: Place, how: ExaminationOptions): AsyncIterable<Finding> {
  const { options, live, ledger } = place;
  const master = await enter('master', place);
  if (!(master instanceof Session)) {
    yield master;
    return;
  }
  try {
    const server = await readServer(master);
    yield examineVersion(server);
    yield* guarded('databases', 'making databases', examineMaking(master, server, place, how));
    const own = await enter(live, place);
    if (own instanceof Session) {
      try {
        yield* guarded('databases', 'copying live', examineCopying(master, own, server, how));
        yield* guarded('catalog', 'definitions', examineDefinitions(own));
        yield* guarded('comparison', 'reading', examineReading(own));
        yield* options.synonyms === null
          ? guarded('swap', 'renaming', examineSwap(master, own, server, options))
          : guarded('swap', 'synonyms', examineSynonyms(options.synonyms, place));
        if (how.replays) yield* guarded('replay', 'bringing rows over', examineReplay(own));
      } finally {
        await own.close();
      }
    } else {
      yield own;
    }
    yield* guarded('stores', 'the ledger', examineLedger(master, ledger, place));
  } finally {
    await master.close();
  }
}

async function* examineLedger(
  master: Session,
  ledger: string,
  place: Place,
): AsyncIterable<Finding> {
  const { good, fault } = findingsOf('stores');
  const subject = 'the ledger';
  if ((await findDatabase(master, ledger)) === null) {
    yield good(subject, `The database ${ledger} is not there yet: the first release makes it.`);
    return;
  }
  const own = await enter(ledger, place);
  if (!(own instanceof Session)) {
    yield { ...own, part: 'stores' };
    return;
  }
  try {
    yield (await may(own, ledger, 'CREATE TABLE'))
      ? good(subject, `The login may write its records into ${ledger}.`)
      : fault(
          subject,
          `The login may not make tables in ${ledger}.`,
          `USE ${quote(ledger)}; ALTER ROLE db_owner ADD MEMBER release_user;`,
        );
  } finally {
    await own.close();
  }
}
