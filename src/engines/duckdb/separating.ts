import type { ChangeCondition } from '../engine.ts';
import type { GatheredRows } from './deviating.ts';
import type { DirtyColumn } from './patterns.ts';
import type { Workspace } from './workspace.ts';

export async function findConditions(
  _workspace: Workspace,
  _gathered: GatheredRows,
  _dirty: readonly DirtyColumn[],
): Promise<Map<string, ChangeCondition>> {
  return new Map();
}
