import { Session, toNumber } from './connection.ts';
import { readPositions, type SequencePosition } from './mark.ts';
import { type Place, quote } from './names.ts';
import type { PostgresOptions } from './options.ts';

/**
 * A fence does not keep off `nextval`: what sequences gave out behind it, the same sequences of the new live do not give
 * out again. Numbers are drawn there, so that nobody who draws at the same time is set back. Gives the sequences' names.
 */
export async function carryOn(
  { kept, live }: { readonly kept: Place; readonly live: Place },
  before: readonly SequencePosition[],
  options: PostgresOptions,
): Promise<string[]> {
  const about = { purpose: 'swap', readOnly: true };
  const after = await Session.use(kept.database, options, about, (session) =>
    readPositions(session, kept),
  );
  const known = new Map(before.map((position) => [position.oid, position]));
  const wentOn = after.filter(({ oid, lastValue, isCalled }) => {
    const then = known.get(oid);
    return then !== undefined && (then.lastValue !== lastValue || then.isCalled !== isCalled);
  });
  if (wentOn.length === 0) return [];
  return Session.use(live.database, options, { purpose: 'swap' }, async (session) => {
    const moved: string[] = [];
    for (const { schema, name, lastValue } of wentOn) {
      const own = `${quote(live.schema ?? schema)}.${quote(name)}`;
      if (await draw(session, own, lastValue)) moved.push(`${live.schema ?? schema}.${name}`);
    }
    return moved;
  });
}

/** Until this number is given out. Gives false when the sequence is not there, or is as far already. */
async function draw(session: Session, sequence: string, goal: string): Promise<boolean> {
  const [there] = await session.rows(
    'SELECT seqincrement AS increment FROM pg_sequence WHERE seqrelid = to_regclass($1)',
    [sequence],
  );
  if (there === undefined) return false;
  const { missing } = await session.row(
    `SELECT ceil(($1::numeric - last_value + CASE WHEN is_called THEN 0 ELSE $2::numeric END) / $2::numeric) AS missing FROM ${sequence}`,
    [goal, String(there.increment)],
  );
  const numbers = toNumber(missing);
  if (numbers <= 0) return false;
  await session.rows('SELECT count(nextval($1::regclass)) FROM generate_series(1, $2::bigint)', [
    sequence,
    numbers,
  ]);
  return true;
}
