import { compareDatabases } from '../compare/compare.ts';
import type { TableOutcome } from '../compare/outcome.ts';
import type { Config } from '../config/config.ts';
import { nameMatcher, parseName } from '../config/names.ts';
import type { Engine } from '../engines/engine.ts';
import type { Lexis } from '../engines/lexis.ts';
import { mentionsOf } from '../engines/mentions.ts';
import { EXIT, GreenlightError } from '../errors.ts';
import { plural } from '../format.ts';
import type { Progress } from '../hosts/host.ts';
import type { RunStep } from './files.ts';
import type { ClonedRelease, InputProof } from './records.ts';

interface Parts {
  readonly config: Config;
  readonly engine: Engine;
}

/**
 * Compares the input tables of baseline and candidate: strictly, and all columns that both have. Null when the
 * configuration names none.
 */
export async function proveInput(
  { config, engine }: Parts,
  release: ClonedRelease,
  progress: Progress,
): Promise<InputProof[] | null> {
  const { input, keys } = config.compare;
  if (input.length === 0) return null;
  const isInput = nameMatcher(input, { ignoreCase: false });
  const { comparison } = await compareDatabases({
    engine,
    old: release.baseline,
    new: release.candidate,
    config: {
      input,
      result: null,
      // A key of a table that the logic makes would be unknown here.
      keys: Object.fromEntries(Object.entries(keys).filter(([table]) => isInput(parseName(table)))),
      ignore: [],
      tolerance: {},
      mode: 'strict',
    },
    only: 'input',
    title: 'Proving the input equal',
    record: null,
    purpose: `input of ${release.id}`,
    progress,
    patterns: false,
    everyWrite: true,
  });
  return comparison.tables.map(proofOf);
}

function proofOf(outcome: TableOutcome): InputProof {
  const { table, proof, old_rows, new_rows, added, removed, changed } = outcome;
  const reason = faultOf(outcome);
  return {
    table,
    outcome: reason !== null ? 'unequal' : oneSided(outcome),
    proof,
    old_rows,
    new_rows,
    added,
    removed,
    changed,
    reason,
    suspects: [],
  };
}

function oneSided({ status }: TableOutcome): InputProof['outcome'] {
  return status === 'added' || status === 'removed' ? status : 'equal';
}

/** Why its values are not those of the baseline, or nobody can tell; null when they are. */
function faultOf(outcome: TableOutcome): string | null {
  const { status, skipped, reason, added, removed, changed, columns } = outcome;
  if (skipped !== null) return reason ?? skipped;
  if (status === 'removed') return null;
  const counts = Object.entries({ added, removed, changed })
    .filter(([, rows]) => rows > 0)
    .map(([what, rows]) => `${plural(rows, 'row')} ${what}`);
  if (counts.length > 0) return counts.join(', ');
  const gap = columns.find((column) => column.status === 'incomparable');
  return gap === undefined ? null : `${gap.column} ${gap.reason}`;
}

/** @throws GreenlightError (refused) when the logic would run on another input than the old one did. */
export function refuseUnequalInput(release: ClonedRelease, proofs: readonly InputProof[]): void {
  const unequal = proofs.filter(({ outcome }) => outcome === 'unequal');
  if (unequal.length === 0) return;
  throw new GreenlightError(
    {
      what: `Candidate and baseline do not hold the same input, so nothing ran:\n${unequal.map(({ table, reason }) => `  ${table}: ${reason}`).join('\n')}`,
      where: 'compare.input in greenlight.yml names these tables',
      cause:
        'a migration changed their rows, or something else wrote to the candidate before the simulation',
      help: `Let the migration leave the rows of input tables as they are (it may add columns, and empty tables), or take a table that is no input out of compare.input; then: greenlight clone --release ${release.id}, and the steps after it.`,
    },
    EXIT.refused,
  );
}

/** The proofs after the run: what the logic dropped is unequal too, and each such table has its suspects. */
export function judgeAfterRun(
  before: readonly InputProof[],
  after: readonly InputProof[],
  steps: readonly RunStep[],
  lexis: Lexis,
): InputProof[] {
  const wasThere = new Set(
    before.filter(({ outcome }) => outcome === 'equal').map(({ table }) => table),
  );
  return after.map((proof) => {
    const isDropped = proof.outcome === 'removed' && wasThere.has(proof.table);
    if (proof.outcome !== 'unequal' && !isDropped) return proof;
    return {
      ...proof,
      outcome: 'unequal',
      reason: proof.reason ?? 'it is gone',
      suspects: suspectsOf(proof.table, steps, lexis),
    };
  });
}

/** Where a statement writes to the table by name; where none does, every statement that names it. */
function suspectsOf(table: string, steps: readonly RunStep[], lexis: Lexis): string[] {
  const [schema = '', name = ''] = parseName(table);
  const mentions = steps.flatMap((step) => {
    if (step.kind !== 'sql') return [];
    return mentionsOf(step.script, schema, name, lexis).map(({ line, writes }) => ({
      place: `${step.script.file}:${line}`,
      writes,
    }));
  });
  const writing = mentions.filter(({ writes }) => writes);
  return (writing.length > 0 ? writing : mentions).map(({ place }) => place);
}
