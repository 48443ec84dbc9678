import type { ComparedColumn, KeyFault, Side, TablePair } from '../engine.ts';
import { toNumber } from './connection.ts';
import * as counts from './counts.ts';
import type { Sources } from './values.ts';
import type { Workspace } from './workspace.ts';

/** Whether no two rows of a side have the same key, and none has NULL in it. */
export async function isUnique(
  workspace: Workspace,
  about: string,
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): Promise<boolean> {
  return (await faultOf(workspace, `check the key of ${about}`, sources, side, key)) === null;
}

/** What makes the key unusable on either side; null when it is unique and never NULL on both. */
export async function findKeyFault(
  workspace: Workspace,
  { schema, name }: TablePair,
  sources: Sources,
  key: readonly ComparedColumn[],
): Promise<KeyFault | null> {
  for (const side of ['old', 'new'] as const) {
    const about = `check the key of ${schema}.${name}`;
    const fault = await faultOf(workspace, about, sources, side, key);
    if (fault !== null) return fault;
  }
  return null;
}

async function faultOf(
  workspace: Workspace,
  about: string,
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): Promise<KeyFault | null> {
  const nulls = await countNulls(workspace, about, sources, side, key);
  if (nulls > 0) return { side, fault: 'null', count: nulls };
  // Tables are mostly filled in the order of their key.
  if ((await countNotIncreasing(workspace, about, sources, side, key)) === 0) return null;
  const { duplicates } = await workspace.ask(about, counts.countDuplicateKeys(sources, side, key));
  return toNumber(duplicates) > 0
    ? { side, fault: 'duplicate', count: toNumber(duplicates) }
    : null;
}

/** Then it is unique and never NULL, and one pass that needs no memory has shown it. */
export async function isInOrder(
  workspace: Workspace,
  about: string,
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): Promise<boolean> {
  return (
    (await countNotIncreasing(workspace, about, sources, side, key)) === 0 &&
    (await countNulls(workspace, about, sources, side, key)) === 0
  );
}

async function countNulls(
  workspace: Workspace,
  about: string,
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): Promise<number> {
  const names = key.map(({ name }) => name);
  const row = await workspace.askOnce(about, counts.countNullKeys(sources[side], names));
  return toNumber(row.nulls);
}

/** How often a row's key is not above that of the row before it. */
export async function countNotIncreasing(
  workspace: Workspace,
  about: string,
  sources: Sources,
  side: Side,
  key: readonly ComparedColumn[],
): Promise<number> {
  const row = await workspace.askOnce(about, counts.countNotIncreasing(sources, side, key));
  return toNumber(row.not_increasing);
}

/**
 * Types of which equal values are one and the same, as the engine compares them too: what it enforces is unique as it is
 * compared, and equal values have equal hashes.
 */
export function isPlainKey(column: ComparedColumn): boolean {
  const { oldType, newType } = column;
  return hasRanges(column) || (oldType === newType && /^(VARCHAR|UUID|BOOLEAN)$/.test(oldType));
}

/** Types of which each text says exactly one value, and each value but NULL lies in exactly one range. */
export function hasRanges({ oldType, newType }: ComparedColumn): boolean {
  return (
    oldType === newType &&
    /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(\d+,\d+\)|DATE|TIMESTAMP)$/.test(oldType)
  );
}
