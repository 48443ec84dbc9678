import type { StoreOperation, StoreTable } from '../engines/engine.ts';

/** The ledger's tables. The same columns in every engine; docs/ledger.md describes them for people who query them. */

export const ledgerTable = {
  name: 'ledger',
  columns: { version: 'integer', upgraded_at: 'instant', tool_version: 'text' },
  key: ['version'],
} as const satisfies StoreTable;

/** One row per release: where it stands, and what it was made of. */
export const releaseTable = {
  name: 'release',
  columns: {
    id: 'text',
    state: 'text',
    created_at: 'instant',
    updated_at: 'instant',
    engine: 'text',
    live: 'text',
    live_id: 'text',
    live_mark: 'text',
    live_trail: 'text',
    live_release: 'text',
    clone_instant: 'instant',
    clone_method: 'text',
    candidate: 'text',
    candidate_id: 'text',
    candidate_mark: 'text',
    baseline: 'text',
    baseline_id: 'text',
    baseline_mark: 'text',
    control: 'text',
    control_id: 'text',
    control_mark: 'text',
    control_commit: 'text',
    inventory: 'json',
    migrated_inventory: 'json',
    author: 'text',
  },
  key: ['id'],
} as const satisfies StoreTable;

/** One row per run of a step. `running` without a living process is an interrupted run. */
export const stepTable = {
  name: 'step',
  columns: {
    id: 'integer',
    release: 'text',
    step: 'text',
    state: 'text',
    started_at: 'instant',
    finished_at: 'instant',
    actor: 'text',
    machine: 'text',
    tool_version: 'text',
    logic_hash: 'text',
    detail: 'json',
  },
  key: ['id'],
} as const satisfies StoreTable;

/** What is recorded of a script or a command that ran. */
const scriptRun = {
  kind: 'text',
  checksum: 'text',
  state: 'text',
  started_at: 'instant',
  finished_at: 'instant',
  statements: 'integer',
  transactional: 'boolean',
} as const;

/** One row per script that ran on a release's candidate. */
export const migrationTable = {
  name: 'migration',
  columns: {
    release: 'text',
    position: 'integer',
    script: 'text',
    ...scriptRun,
  },
  key: ['release', 'script'],
} as const satisfies StoreTable;

/** One row per item of the run list that ran on a release's candidate, or of the old one on its control. */
export const simulationTable = {
  name: 'simulation',
  columns: {
    release: 'text',
    role: 'text',
    position: 'integer',
    period: 'integer',
    item: 'text',
    ...scriptRun,
  },
  key: ['release', 'role', 'position'],
} as const satisfies StoreTable;

/** The periods for which the run list is repeated, in their order. */
export const periodTable = {
  name: 'period',
  columns: {
    release: 'text',
    position: 'integer',
    run: 'text',
    variables: 'json',
  },
  key: ['release', 'position'],
} as const satisfies StoreTable;

/** What proves, before the run and after it, that candidate and baseline hold the same input: one row per table. */
export const inputProofTable = {
  name: 'input_proof',
  columns: {
    release: 'text',
    moment: 'text',
    table_name: 'text',
    outcome: 'text',
    proof: 'text',
    old_rows: 'integer',
    new_rows: 'integer',
    added: 'integer',
    removed: 'integer',
    changed: 'integer',
    reason: 'text',
    suspects: 'json',
    proven_at: 'instant',
  },
  key: ['release', 'moment', 'table_name'],
} as const satisfies StoreTable;

/** What in the logic looks at the engine's own clock, at chance, at a sequence or at the session. */
export const noiseSourceTable = {
  name: 'noise_source',
  columns: {
    release: 'text',
    position: 'integer',
    source: 'text',
    function: 'text',
    file: 'text',
    line: 'integer',
    object: 'text',
  },
  key: ['release', 'position'],
} as const satisfies StoreTable;

export const comparisonTable = {
  name: 'comparison',
  columns: {
    id: 'integer',
    release: 'text',
    kind: 'text',
    noise: 'integer',
    state: 'text',
    started_at: 'instant',
    finished_at: 'instant',
    digest: 'text',
    verdict: 'text',
    logic_hash: 'text',
    candidate_mark: 'text',
    privacy: 'text',
    mode: 'text',
    coverage: 'json',
    stopped: 'text',
    inventory: 'json',
    revision: 'text',
    job: 'text',
  },
  key: ['id'],
} as const satisfies StoreTable;

export const tableDeviationTable = {
  name: 'table_deviation',
  columns: {
    comparison: 'integer',
    table_name: 'text',
    kind: 'text',
    role: 'text',
    status: 'text',
    reason: 'text',
    key: 'json',
    old_rows: 'integer',
    new_rows: 'integer',
    history: 'integer',
    added: 'integer',
    removed: 'integer',
    changed: 'integer',
    unexplained: 'integer',
    explained: 'boolean',
    structure: 'json',
    proof: 'text',
    way: 'text',
    fingerprint: 'text',
    skipped: 'text',
    old_definition: 'text',
    new_definition: 'text',
    likely_rename: 'json',
  },
  key: ['comparison', 'table_name'],
} as const satisfies StoreTable;

export const columnDeviationTable = {
  name: 'column_deviation',
  columns: {
    comparison: 'integer',
    table_name: 'text',
    column_name: 'text',
    status: 'text',
    reason: 'text',
    old_type: 'text',
    new_type: 'text',
    changed: 'integer',
    unexplained: 'integer',
    explained: 'boolean',
    pattern: 'text',
    patterns: 'json',
    condition: 'text',
    likely_rename: 'json',
  },
  key: ['comparison', 'table_name', 'column_name'],
} as const satisfies StoreTable;

/** One row per deviating row; written by the engine's own statements. Keys and values are JSON texts. */
export const rowDeviationTable = {
  name: 'row_deviation',
  columns: {
    comparison: 'integer',
    table_name: 'text',
    kind: 'text',
    row_key: 'text',
    columns: 'text',
    old_values: 'text',
    new_values: 'text',
    occurrences: 'integer',
    explained: 'boolean',
    fingerprint: 'fingerprint',
  },
  key: [],
} as const satisfies StoreTable;

/** Objects that are neither table nor view: sequences, macros, indexes, constraints, defaults, comments. */
export const objectDeviationTable = {
  name: 'object_deviation',
  columns: {
    comparison: 'integer',
    kind: 'text',
    object_name: 'text',
    status: 'text',
    explained: 'boolean',
    old_definition: 'text',
    new_definition: 'text',
  },
  key: ['comparison', 'kind', 'object_name'],
} as const satisfies StoreTable;

/** What became of each declaration of the expectations file, in its order. */
export const expectationTable = {
  name: 'expectation',
  columns: {
    comparison: 'integer',
    position: 'integer',
    file: 'text',
    line: 'integer',
    table_name: 'text',
    declares: 'text',
    status: 'text',
    claimed: 'integer',
    broken: 'integer',
    because: 'text',
  },
  key: ['comparison', 'position'],
} as const satisfies StoreTable;

export const approvalTable = {
  name: 'approval',
  columns: {
    id: 'integer',
    release: 'text',
    comparison: 'integer',
    digest: 'text',
    approver: 'text',
    approved_at: 'instant',
    place: 'text',
  },
  key: ['id'],
} as const satisfies StoreTable;

/** One row per swap for which a person opened the gate against its reasons. Never changed, never deleted. */
export const overrideTable = {
  name: 'override',
  columns: {
    id: 'integer',
    release: 'text',
    swap: 'integer',
    digest: 'text',
    overridden_by: 'text',
    overridden_at: 'instant',
    because: 'text',
    place: 'text',
    reasons: 'json',
  },
  key: ['id'],
} as const satisfies StoreTable;

/** One row per release with parked rows that was to go live: the copy of its candidate in which they are published. */
export const publicationTable = {
  name: 'publication',
  columns: {
    release: 'text',
    location: 'text',
    database_id: 'text',
    go_live: 'instant',
    rows: 'json',
  },
  key: ['release'],
} as const satisfies StoreTable;

/** One row per exchange of live: the intent first, then what came of it. */
export const swapTable = {
  name: 'swap',
  columns: {
    id: 'integer',
    release: 'text',
    direction: 'text',
    state: 'text',
    live: 'text',
    live_id: 'text',
    incoming: 'text',
    incoming_id: 'text',
    incoming_mark: 'text',
    kept: 'text',
    intended_at: 'instant',
    finished_at: 'instant',
    exchange_ms: 'integer',
    live_mark_after: 'text',
    actor: 'text',
    detail: 'json',
  },
  key: ['id'],
} as const satisfies StoreTable;

/** One row for each thing that a swap found changed in live since the clone instant. */
export const driftTable = {
  name: 'drift',
  columns: {
    release: 'text',
    found_at: 'instant',
    live_id: 'text',
    live_mark: 'text',
    kind: 'text',
    object_name: 'text',
    role: 'text',
    status: 'text',
    added: 'integer',
    removed: 'integer',
    changed: 'integer',
    structural: 'boolean',
    key: 'json',
    reason: 'text',
    policy: 'text',
    state: 'text',
  },
  key: ['release', 'found_at', 'kind', 'object_name'],
} as const satisfies StoreTable;

/** One row for each rehearsal of a swap. `running` without a living process: its scratch databases may be left. */
export const rehearsalTable = {
  name: 'rehearsal',
  columns: {
    id: 'integer',
    release: 'text',
    comparison: 'integer',
    state: 'text',
    live: 'text',
    incoming: 'text',
    kept: 'text',
    started_at: 'instant',
    finished_at: 'instant',
    exchange_ms: 'integer',
    verify_ms: 'integer',
    rollback_ms: 'integer',
    verified: 'integer',
    failures: 'json',
    actor: 'text',
  },
  key: ['id'],
} as const satisfies StoreTable;

/** Version n of the ledger is what the first n upgrades make. Never change one that was published: add another. */
export const upgrades: readonly (readonly StoreOperation[])[] = [
  [
    ledgerTable,
    releaseTable,
    stepTable,
    migrationTable,
    simulationTable,
    periodTable,
    inputProofTable,
    noiseSourceTable,
    comparisonTable,
    tableDeviationTable,
    columnDeviationTable,
    rowDeviationTable,
    objectDeviationTable,
    expectationTable,
    approvalTable,
    overrideTable,
    publicationTable,
    swapTable,
    driftTable,
    rehearsalTable,
  ].map((createTable) => ({ createTable })),
];
