import type { Engine } from '../engines/engine.ts';
import type { SwapRecord } from './records.ts';

/** What the ledger keeps of an exchange from its intent on: how live looked before it. */
interface SeenBefore {
  readonly kept_mark: string;
}

/** Null: nobody had looked, or an earlier version has recorded the exchange. */
export function keptMarkOf({ detail }: Pick<SwapRecord, 'detail'>): string | null {
  return (detail as Partial<SeenBefore> | null)?.kept_mark ?? null;
}

type Looking = Pick<Engine, 'capabilities' | 'databases'>;

/**
 * Whether somebody wrote to the database that was live, between the last look at it and the exchange: where nothing keeps
 * writers off, what they wrote is in the database that is kept, and in no other one.
 */
export async function isWrittenBehind(
  { capabilities, databases }: Looking,
  record: Pick<SwapRecord, 'kept' | 'detail'>,
): Promise<boolean> {
  const seen = keptMarkOf(record);
  if (capabilities.fenceKeepsWriters !== false || seen === null) return false;
  return (await databases.identify(record.kept))?.mark !== seen;
}

/** The same of a rollback, as lines for people. It is not taken back for that: what was written is not lost. */
export async function writtenBehind(
  engine: Looking & Pick<Engine, 'places'>,
  record: Pick<SwapRecord, 'kept' | 'detail'>,
): Promise<string[]> {
  if (!(await isWrittenBehind(engine, record))) return [];
  return [
    `rows or definitions in the moment before the exchange; they stay in ${engine.places.describe(record.kept)}`,
  ];
}
