import type { CloneOptions, CloneReport } from '../engine.ts';
import type { Place } from './names.ts';
import type { PostgresOptions } from './options.ts';

export async function cloneSchema(
  _from: Place,
  _to: Place,
  _how: CloneOptions,
  _options: PostgresOptions,
): Promise<CloneReport> {
  throw new Error('cloneSchema: not built yet');
}
