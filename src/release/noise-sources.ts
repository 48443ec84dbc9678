import type { Definition, Engine } from '../engines/engine.ts';
import type { RunStep } from './files.ts';
import type { NoiseSourceRecord } from './records.ts';

/**
 * What in the SQL files of the run list, and in the views, macros and defaults of the candidate, looks at the engine's
 * own clock, at chance, at a sequence or at the session: it may differ from run to run without a change of the logic.
 * Files come first, in the order in which they run.
 */
export async function findNoiseSources(
  engine: Engine,
  steps: readonly RunStep[],
  definitions: readonly Definition[],
): Promise<NoiseSourceRecord[]> {
  const files = new Map(
    steps.flatMap((step) => (step.kind === 'sql' ? [[step.script.file, step.script.text]] : [])),
  );
  const found: NoiseSourceRecord[] = [];
  for (const [file, text] of files) {
    const noise = await engine.scripts.noiseIn(text);
    found.push(...noise.map((one) => ({ ...one, file, object: null })));
  }
  for (const { kind, name, text } of definitions) {
    const noise = await engine.scripts.noiseIn(text);
    found.push(
      ...noise.map((one) => ({ ...one, file: null, line: null, object: `${kind} ${name}` })),
    );
  }
  const unique = new Map(found.map((noise) => [JSON.stringify(noise), noise]));
  return [...unique.values()];
}
