import { bytes } from '../../format.ts';
import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { list } from '../sql.ts';
import { type Row, type Session, toNumber } from './connection.ts';
import type { User } from './examiner-server.ts';
import { literal, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { slotPrefix } from './slots.ts';

const { good, warning } = findingsOf('swap');

/**
 * Whether the server can tell by its log what was written to live. Reading a slot by SQL takes no WAL sender. That the plugin
 * `test_decoding` is there shows only when a slot is made, and nothing is made here.
 */
export async function* examineDrift(
  session: Session,
  { driftSlot }: PostgresOptions,
  { name, isSuper }: User,
): AsyncIterable<Finding> {
  const subject = 'logical decoding';
  if (driftSlot === 'never') {
    yield good(subject, `connection.drift_slot is never: ${otherwise}`);
    // Slots of a setting before this one.
    yield* examineKept(session);
    return;
  }
  const server = await session.row(
    `SELECT current_setting('wal_level') AS level, current_setting('max_slot_wal_keep_size') AS kept,
            current_setting('max_replication_slots')::integer AS slots, (SELECT count(*) FROM pg_replication_slots) AS used,
            rolreplication AS may
       FROM pg_roles WHERE rolname = current_user`,
  );
  const keeps = driftSlot === 'clone' || (driftSlot === 'auto' && server.kept !== '-1');
  // At the swap one on live and one on the candidate.
  const lacks = lacksOf(server, isSuper || server.may === true, keeps ? 3 : 2, name);
  yield lacks.length === 0
    ? good(subject, 'At the swap it tells whether live was written to.')
    : warning(
        subject,
        `${list(lacks, ({ lack }) => lack, ' ')} So ${otherwise}`,
        list(lacks, ({ help }) => help, '\n'),
      );
  if (lacks.length === 0) yield examineKeeping(driftSlot, String(server.kept));
  yield* examineKept(session);
}

const otherwise =
  'the row versions of all tables tell whether live was written to, also while writers wait at the swap: it takes the longer, the larger live is.';

interface Lack {
  readonly lack: string;
  readonly help: string;
}

/** @param wanted how many slots are to be free */
function lacksOf(
  { level, slots, used }: Row,
  mayReplicate: boolean,
  wanted: number,
  user: string,
): Lack[] {
  const lacks: Lack[] = [];
  if (level !== 'logical')
    lacks.push({
      lack: `wal_level is ${level}: the log of the server does not say what was written to which table.`,
      help: 'A superuser can change it, and restart the server: ALTER SYSTEM SET wal_level = logical;',
    });
  if (!mayReplicate)
    lacks.push({
      lack: `${user} may not make replication slots.`,
      help: `A superuser can allow it: ALTER ROLE ${quote(user)} REPLICATION;`,
    });
  const free = toNumber(slots) - toNumber(used);
  if (free < wanted)
    lacks.push({
      lack: `Of ${slots} replication slots ${used} are in use; ${wanted} must be free.`,
      help: `Drop those that nobody needs (pg_replication_slots), or have more, and restart the server: ALTER SYSTEM SET max_replication_slots = ${toNumber(used) + wanted};`,
    });
  return lacks;
}

function examineKeeping(driftSlot: PostgresOptions['driftSlot'], kept: string): Finding {
  const subject = 'slot from the clone on';
  if (driftSlot === 'swap')
    return good(subject, 'connection.drift_slot is swap: none is kept between clone and swap.');
  if (kept !== '-1')
    return good(subject, `It keeps the log of the server since the clone, ${kept} at most.`);
  return driftSlot === 'clone'
    ? warning(
        subject,
        'It keeps all of the log of the server since the clone, until the disk is full: max_slot_wal_keep_size sets no limit.',
        "Set a limit, after which row versions tell: ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf();",
      )
    : good(
        subject,
        'None is kept, because max_slot_wal_keep_size sets no limit: what was written between clone and swap is told by row versions.',
      );
}

/** Of releases that are under way, or were left. */
async function* examineKept(session: Session): AsyncIterable<Finding> {
  const slots = await session.rows(
    `SELECT slot_name AS name, coalesce(wal_status, '') = 'lost' AS lost,
            coalesce(pg_wal_lsn_diff(CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END, restart_lsn), 0) AS bytes
       FROM pg_replication_slots
      WHERE starts_with(slot_name, '${slotPrefix}') AND NOT temporary AND database = current_database() ORDER BY 1`,
  );
  if (slots.length === 0) return;
  const subject = 'slots of releases';
  const lost = slots.filter((slot) => slot.lost === true);
  yield lost.length === 0
    ? good(
        subject,
        `These are kept: ${list(slots, (slot) => `${slot.name} (${bytes(toNumber(slot.bytes))} of log)`)}.`,
      )
    : warning(
        subject,
        `The server has dropped log that these need, and nobody can use them any more: ${list(lost, (slot) => String(slot.name))}. Row versions tell instead.`,
        `Drop them: ${list(lost, (slot) => `SELECT pg_drop_replication_slot(${literal(String(slot.name))});`, ' ')}`,
      );
}
