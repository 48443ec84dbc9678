/** The parts of manifest.yml that the command line works with: src/manifest.generated.ts holds them. */

export interface StepDeclaration {
  readonly name: string;
  readonly summary: string;
  /** Works without a project: no configuration, no engine, no ledger. */
  readonly alone: boolean;
  readonly inputs: readonly InputDeclaration[];
  readonly outputs: readonly OutputDeclaration[];
  readonly examples: readonly string[];
}

/** An option of the command line, an input of an action or a component, or both. */
export interface InputDeclaration {
  /** As a CI host calls it, in kebab case: the option's name without `no-`. */
  readonly name: string;
  /** `-r, --release <id>`; null where only a CI host takes it. */
  readonly option: string | null;
  readonly type: InputType;
  /** CI hosts that give it; none: the command line only. */
  readonly hosts: readonly ('github' | 'gitlab')[];
  readonly description: string;
  /** As the host writes it: `true`, `greenlight.yml`; empty: none. */
  readonly default: string;
  /** An environment variable that gives it as well. */
  readonly variable?: string;
  readonly choices?: readonly string[];
  /** A word that may stand in place of the number. */
  readonly or?: string;
  /** Inputs that it cannot stand beside. */
  readonly conflicts?: readonly string[];
}

/** count: a whole number from 1 on. number: a whole number. list: one entry a line. */
export type InputType = 'text' | 'flag' | 'count' | 'number' | 'list';

export interface OutputDeclaration {
  readonly name: string;
  /** Its place in the result of the step: `coverage.tables`. */
  readonly from: string;
}
