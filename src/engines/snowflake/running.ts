import { GreenlightError, messageOf } from '../../errors.ts';
import { Scope } from './catalog-scope.ts';
import { clusteredTables } from './clustering.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind, firstLine } from './errors.ts';
import { type Place, qualified } from './names.ts';

interface Ends {
  /** Where it ran until now. */
  readonly from: Place;
  readonly to: Place;
}

/**
 * What works by itself in the database that was live goes on in the one that is live now, and rests in the old one.
 * Resumed first, then suspended: cut off in between, the next run sees what still has to be carried over. What did not
 * run before is left as it is, and so is what the new logic has not. Gives the statements that failed, with the cause;
 * nothing rests then that does not go on.
 */
export async function carryRunning(session: Session, { from, to }: Ends): Promise<string[]> {
  const carried = [
    await started(session, { from, to }),
    ...(await Promise.all(kinds.map((kind) => alike(session, { from, to }, kind)))),
  ];
  const failed = await attempt(
    session,
    carried.flatMap(({ resume }) => resume),
  );
  if (failed.length > 0) return failed;
  return attempt(
    session,
    carried.flatMap(({ suspend }) => suspend),
  );
}

async function attempt(session: Session, statements: readonly string[]): Promise<string[]> {
  const failed: string[] = [];
  for (const sql of statements) {
    try {
      await session.run(sql);
    } catch (error) {
      if (codeBehind(error) === null) throw error;
      failed.push(`${sql}; (${causeOf(error)})`);
    }
  }
  return failed;
}

function causeOf(error: unknown): string {
  const told = error instanceof GreenlightError ? error.problem.cause : undefined;
  return told ?? firstLine(messageOf(error));
}

/** Statements. */
interface Carried {
  readonly resume: readonly string[];
  readonly suspend: readonly string[];
}

/**
 * A root is resumed after the others of its graph, and suspended before them: Snowflake changes no task of a graph whose
 * root runs. One that runs already, because an earlier run came so far, is left alone for the same reason.
 */
async function started(session: Session, { from, to }: Ends): Promise<Carried> {
  const running = (await new Scope(session, from).shownIfAny('TASKS')).filter(isStarted);
  const there = await new Scope(session, to).shownIfAny('TASKS');
  const roots = running.filter(isRoot);
  const others = running.filter((row) => !isRoot(row));
  const rests = (row: Row) =>
    there.some((one) => isSame(one, row, { from, to }) && !isStarted(one));
  return {
    resume: [...others, ...roots]
      .filter(rests)
      .map((row) => `ALTER TASK ${nameOf(to, row)} RESUME`),
    suspend: [...roots, ...others].map((row) => `ALTER TASK ${nameOf(from, row)} SUSPEND`),
  };
}

/** What else works by itself, of which none waits for another. */
interface Kind {
  /** All of a place, and whether each works now. */
  read(scope: Scope): Promise<readonly { readonly row: Row; readonly isOn: boolean }[]>;
  statement(name: string, what: 'RESUME' | 'SUSPEND', row: Row): string;
}

const kinds: readonly Kind[] = [
  {
    read: async (scope) =>
      (await scope.shownIfAny('DYNAMIC TABLES')).map((row) => ({
        row,
        isOn: /^(ACTIVE|RUNNING)$/i.test(String(row.scheduling_state)),
      })),
    statement: (name, what) => `ALTER DYNAMIC TABLE ${name} ${what}`,
  },
  {
    read: async (scope) =>
      (await scope.shownIfAny('ALERTS')).map((row) => ({ row, isOn: isStarted(row) })),
    statement: (name, what) => `ALTER ALERT ${name} ${what}`,
  },
  {
    read: clusteredTables,
    statement: (name, what, { noun }) => `ALTER ${noun} ${name} ${what} RECLUSTER`,
  },
];

async function alike(
  session: Session,
  { from, to }: Ends,
  { read, statement }: Kind,
): Promise<Carried> {
  const [was, is] = [await read(new Scope(session, from)), await read(new Scope(session, to))];
  const running = was.filter(({ isOn }) => isOn).map(({ row }) => row);
  const rests = (row: Row) => is.some((one) => !one.isOn && isSame(one.row, row, { from, to }));
  return {
    resume: running.filter(rests).map((row) => statement(nameOf(to, row), 'RESUME', row)),
    suspend: running.map((row) => statement(nameOf(from, row), 'SUSPEND', row)),
  };
}

function isStarted({ state }: Row): boolean {
  return String(state).toLowerCase() === 'started';
}

/** A finalizer comes after its root, without naming it as a predecessor. */
function isRoot({ predecessors, task_relations }: Row): boolean {
  if (/"FinalizedRootTask"\s*:\s*"/.test(String(task_relations ?? ''))) return false;
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
