import { GreenlightError } from '../../errors.ts';
import { Session } from './connection.ts';
import { findDatabase } from './found.ts';
import { literal, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import type { Server } from './server.ts';
import { endSessions, sessionsOn } from './sessions.ts';

/** Lets nobody in but the session that says so, which has to be in the database; all others are ended, and undone. */
export function singleUser(database: string): string {
  return `ALTER DATABASE ${quote(database)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`;
}

export function multiUser(database: string): string {
  return `ALTER DATABASE ${quote(database)} SET MULTI_USER`;
}

export function rename(from: string, to: string): string {
  return `ALTER DATABASE ${quote(from)} MODIFY NAME = ${quote(to)}`;
}

/** While it is on, a task of the server may take the only session that SINGLE_USER leaves. */
export function asyncStatistics(database: string, isOn: boolean): string {
  return `ALTER DATABASE ${quote(database)} SET AUTO_UPDATE_STATISTICS_ASYNC ${isOn ? 'ON' : 'OFF'}`;
}

/**
 * Runs a statement that a database in SINGLE_USER takes from nobody else while somebody has its only session: whoever
 * came is ended, as often as another one comes. Runs on master.
 */
export async function insist(session: Session, database: string, statement: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await session.run(statement);
      return;
    } catch (error) {
      if (tries === 5) throw error;
      await endSessions(session, await sessionsOn(session, database));
    }
  }
}

// ---------------------------------------------------------------------------------------------
// The intent: what the incoming database says about itself while it is brought in

/** What is under way. It stands in the incoming database, wherever that is by now. */
export interface Intent {
  readonly live: string;
  readonly incoming: string;
  readonly kept: string;
  /** Whose AUTO_UPDATE_STATISTICS_ASYNC has to be on again: of what was live, of what comes in. */
  readonly async: { readonly old: boolean; readonly new: boolean };
}

const property = 'greenlight.exchange';

export function writeIntent(intent: Intent): string {
  return `${forgetIntent}; EXECUTE sys.sp_addextendedproperty @name = N'${property}', @value = ${literal(JSON.stringify(intent))}`;
}

export const forgetIntent = `IF EXISTS (SELECT 1 FROM sys.extended_properties AS e WHERE e.class = 0 AND e.name = N'${property}')
  EXECUTE sys.sp_dropextendedproperty @name = N'${property}'`;

export async function readIntent(session: Session): Promise<Intent | null> {
  const [row] = await session.rows(
    `SELECT CONVERT(nvarchar(3750), e.value) AS intent FROM sys.extended_properties AS e WHERE e.class = 0 AND e.name = N'${property}'`,
  );
  return row === undefined ? null : (JSON.parse(String(row.intent)) as Intent);
}

// ---------------------------------------------------------------------------------------------
// How far it came

/** neither: no database has another name. half: live's name is free. both: it has happened. other: it is not this exchange. */
export type Progress = 'neither' | 'half' | 'both' | 'other';

/** The names alone tell. */
export async function progressOf(
  session: Session,
  { live, incoming, kept }: Pick<Intent, 'live' | 'incoming' | 'kept'>,
): Promise<Progress> {
  const isThere = async (name: string) => (await findDatabase(session, name)) !== null;
  const there = `${await isThere(live)} ${await isThere(incoming)} ${await isThere(kept)}`;
  const known: Readonly<Record<string, Progress>> = {
    'true true false': 'neither',
    'false true true': 'half',
    'true false true': 'both',
  };
  return known[there] ?? 'other';
}

/** Opens the database as its only user, also where a run that was killed has left it without one and somebody came. */
export async function enter(
  session: Session,
  database: string,
  options: SqlserverOptions,
  { kind }: Pick<Server, 'kind'>,
): Promise<Session> {
  const found = await findDatabase(session, database);
  if (found === null) {
    throw new GreenlightError({
      what: 'There is no such database to exchange.',
      where: `database ${database}`,
      help: 'Find out who renamed or dropped it.',
    });
  }
  if (found.access === 'SINGLE_USER' && kind === 'box')
    await endSessions(session, await sessionsOn(session, database));
  return Session.open(database, options, { purpose: 'swap' });
}
