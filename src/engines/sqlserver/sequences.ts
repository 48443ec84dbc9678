import { Session } from './connection.ts';
import { numberBehind } from './errors.ts';
import { literal, qualified } from './names.ts';
import type { SqlserverOptions } from './options.ts';

/** How far a sequence has come. */
export interface SequencePosition {
  readonly schema: string;
  readonly name: string;
  readonly start: bigint;
  readonly increment: bigint;
  /** The last number that it gave; null: none yet. */
  readonly last: bigint | null;
}

/**
 * Of those that do not begin anew at their end. A copy may stand further than its original: what the server had cached of
 * a sequence is lost on the way, so positions tell nothing about drift.
 */
export async function readPositions(
  session: Session,
  database: string,
): Promise<SequencePosition[]> {
  const sys = (view: string) => qualified(database, 'sys', view);
  const whole = (column: string) =>
    `CONVERT(nvarchar(40), CONVERT(decimal(38,0), q.${column})) AS ${column}`;
  const rows = await session.rows(
    `SELECT s.name AS [schema], q.name AS name, ${whole('start_value')}, ${whole('increment')}, ${whole('last_used_value')}
       FROM ${sys('sequences')} AS q JOIN ${sys('schemas')} AS s ON s.schema_id = q.schema_id
      WHERE q.is_cycling = 0 ORDER BY s.name, q.name`,
  );
  return rows.map((row) => ({
    schema: String(row.schema),
    name: String(row.name),
    start: BigInt(String(row.start_value)),
    increment: BigInt(String(row.increment)),
    last: row.last_used_value === null ? null : BigInt(String(row.last_used_value)),
  }));
}

/**
 * No number that `ahead` says was given is given again by the session's database. Numbers are drawn, so that nobody who
 * draws at the same time is set back, and the definition of the sequence stays: RESTART would change where it starts. One
 * that a migration made to start elsewhere, or to count otherwise, is left as it is.
 */
export async function goOn(session: Session, ahead: readonly SequencePosition[]): Promise<void> {
  const own = new Map(
    (await readPositions(session, session.database)).map((one) => [nameOf(one), one]),
  );
  for (const goal of ahead) {
    const behind = own.get(nameOf(goal));
    const count = behind === undefined ? 0n : numbersBetween(behind, goal);
    if (count > 0n)
      await session.run(
        `DECLARE @first sql_variant; EXECUTE sys.sp_sequence_get_range @sequence_name = ${literal(nameOf(goal))}, @range_size = ${count}, @range_first_value = @first OUTPUT`,
      );
  }
}

/** The same from one database to another, as far as the login may draw numbers there (UPDATE on the sequence). */
export async function carrySequencesOn(
  from: string,
  to: string,
  options: SqlserverOptions,
): Promise<void> {
  const purpose = 'swap';
  const ahead = await Session.use(from, options, { purpose }, (own) => readPositions(own, from));
  await Session.use(to, options, { purpose }, (own) => goOnWhereAllowed(own, ahead));
}

export async function goOnWhereAllowed(
  session: Session,
  ahead: readonly SequencePosition[],
): Promise<void> {
  await goOn(session, ahead).catch((error) => {
    if (numberBehind(error) !== 229) throw error;
  });
}

function nameOf({ schema, name }: Pick<SequencePosition, 'schema' | 'name'>): string {
  return qualified(schema, name);
}

/** How many `behind` has to give until it is as far as `goal`, or past it. */
function numbersBetween(
  behind: SequencePosition,
  { start, increment, last }: SequencePosition,
): bigint {
  if (last === null || behind.start !== start || behind.increment !== increment) return 0n;
  const given = behind.last ?? start - increment;
  const [steps, rest] = [(last - given) / increment, (last - given) % increment];
  const isBehind = last > given === increment > 0n && last !== given;
  return isBehind ? steps + (rest === 0n ? 0n : 1n) : 0n;
}
