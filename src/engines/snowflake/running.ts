import { Scope } from './catalog-scope.ts';
import type { Row, Session } from './connection.ts';
import { type Place, qualified } from './names.ts';

interface Ends {
  /** Where it ran until now. */
  readonly from: Place;
  readonly to: Place;
}

/**
 * What works by itself in the database that was live goes on in the one that is live now, and rests in the old one.
 * Resumed first, then suspended: cut off in between, the next run sees what still has to be carried over. What did not
 * run before is left as it is, and so is what the new logic has not.
 */
export async function carryRunning(session: Session, { from, to }: Ends): Promise<void> {
  await carryTasks(session, { from, to });
  const [was, is] = [await dynamicTables(session, from), await dynamicTables(session, to)];
  for (const row of was.filter(isActive)) {
    if (is.some((one) => isSame(one, row, { from, to })))
      await session.run(`ALTER DYNAMIC TABLE ${nameOf(to, row)} RESUME`);
    await session.run(`ALTER DYNAMIC TABLE ${nameOf(from, row)} SUSPEND`);
  }
}

/** Those that come after others are resumed before them, and suspended after: a root runs with all or not at all. */
async function carryTasks(session: Session, { from, to }: Ends): Promise<void> {
  const running = (await new Scope(session, from).shownIfAny('TASKS')).filter(isStarted);
  const there = await new Scope(session, to).shownIfAny('TASKS');
  const roots = running.filter(isRoot);
  const others = running.filter((row) => !isRoot(row));
  for (const row of [...others, ...roots]) {
    if (there.some((one) => isSame(one, row, { from, to })))
      await session.run(`ALTER TASK ${nameOf(to, row)} RESUME`);
  }
  for (const row of [...roots, ...others])
    await session.run(`ALTER TASK ${nameOf(from, row)} SUSPEND`);
}

function dynamicTables(session: Session, place: Place): Promise<Row[]> {
  return new Scope(session, place).shownIfAny('DYNAMIC TABLES');
}

function isStarted({ state }: Row): boolean {
  return String(state).toLowerCase() === 'started';
}

function isActive({ scheduling_state }: Row): boolean {
  return /^(ACTIVE|RUNNING)$/i.test(String(scheduling_state));
}

function isRoot({ predecessors }: Row): boolean {
  return ['', '[]', 'null'].includes(String(predecessors ?? '').trim());
}

function isSame(one: Row, other: Row, { from, to }: Ends): boolean {
  const isThere = one.name === other.name;
  return to.schema === null && from.schema === null
    ? isThere && one.schema_name === other.schema_name
    : isThere;
}

function nameOf({ database, schema }: Place, row: Row): string {
  return qualified(database, schema ?? String(row.schema_name), String(row.name));
}
