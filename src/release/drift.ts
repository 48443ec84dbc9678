import { compareDatabases } from '../compare/compare.ts';
import type { TableOutcome } from '../compare/outcome.ts';
import type { Engine, Physical } from '../engines/engine.ts';
import type { Progress } from '../hosts/host.ts';
import { count } from '../report/format.ts';
import type { ClonedRelease } from './records.ts';

/**
 * What changed in live since the clone instant, as lines. Nothing did when live carries the mark it had at the clone;
 * otherwise its values are compared with the baseline, exactly, because a mark may change without the content.
 */
export async function findDrift(
  engine: Engine,
  release: ClonedRelease,
  live: Physical,
  progress: Progress,
): Promise<string[]> {
  if (live.mark === release.live_mark) return [];
  progress.note(
    'Live was touched since the clone instant, so its values are compared with the baseline.',
  );
  const { comparison } = await compareDatabases({
    engine,
    old: release.baseline,
    new: engine.places.live,
    config: { input: [], result: null, keys: {}, ignore: [], tolerance: {}, mode: 'strict' },
    record: null,
    purpose: `drift ${release.id}`,
    progress,
  });
  return [
    ...comparison.tables.filter(({ status }) => status !== 'identical').map(describe),
    ...comparison.objects.map(({ kind, name, status }) => `${kind} ${name}: ${status}`),
  ];
}

function describe({ table, status, added, removed, changed, reason }: TableOutcome): string {
  if (status === 'skipped') return `${table}: ${reason}`;
  if (status !== 'changed') return `${table}: ${status}`;
  if (added + removed + changed === 0) return `${table}: its structure changed`;
  const atLeast = changed > 0 ? 'at least ' : '';
  return `${table}: ${count(added)} rows added, ${count(removed)} removed, ${atLeast}${count(changed)} changed`;
}
