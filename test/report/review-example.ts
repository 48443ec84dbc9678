import type { ReviewFacts } from '../../src/report/model.ts';
import type { ReportedTable } from '../../src/steps/report.ts';

/** A table in which one column changed. */
export function reportedTable(name: string, more: Partial<ReportedTable> = {}): ReportedTable {
  return {
    table: name,
    kind: 'table',
    role: 'result',
    status: 'changed',
    skipped: null,
    reason: null,
    key: ['id'],
    old_rows: 1000,
    new_rows: 1001,
    history: null,
    added: 3,
    removed: 2,
    changed: 12,
    unexplained: 17,
    explained: false,
    structure: [],
    proof: 'exact',
    way: null,
    fingerprint: null,
    old_definition: null,
    new_definition: null,
    likely_rename: null,
    standing: 'new',
    before: null,
    columns: [
      {
        column: 'amount',
        status: 'changed',
        reason: null,
        old_type: 'DECIMAL(12,2)',
        new_type: 'DECIMAL(12,2)',
        changed: 12,
        unexplained: 12,
        explained: false,
        pattern: 'constant offset (new = old + 0.01)',
        patterns: [],
        condition: "currency = 'CAD'",
        likely_rename: null,
        standing: 'new',
        before: null,
      },
    ],
    standings: { new: 17, still: 0, gone: 4 },
    rows: [],
    rows_total: 17,
    truncated: true,
    ...more,
  };
}

const digest = '3f9c0a7be112d0c6a2b98f3f1f9a1a3ce5f7b6f0f0a5d9c1b2e3f4a5b6c7d8e9';

/** A comparison of a release that waits for its review. */
export function reviewFacts(
  tables: readonly ReportedTable[],
  more: Partial<Omit<ReviewFacts, 'report' | 'status'>> & {
    readonly report?: Partial<ReviewFacts['report']>;
    readonly status?: Partial<ReviewFacts['status']>;
  } = {},
): ReviewFacts {
  const { report, status, ...rest } = more;
  return {
    report: {
      release: 'pr-42',
      comparison: 2,
      finished_at: '2026-02-03T10:15:00.000Z',
      verdict: 'unexplained',
      digest,
      approved_by: [],
      privacy: 'keys',
      mode: 'semantic',
      about: 'deviations',
      noise: null,
      coverage: {
        tables: { compared: 12, total: 12 },
        columns: { compared: 84, total: 84 },
        rows: { compared: 2_408_622, total: 2_408_622 },
        history: { tables: 0, rows: 0 },
        skipped: [],
        tolerated: [],
      },
      against: {
        comparison: 1,
        finished_at: '2026-02-02T16:40:00.000Z',
        verdict: 'unexplained',
        digest: '0'.repeat(64),
      },
      standing_unknown: null,
      filter: { tables: null, where: null, standings: null, limit: 20 },
      tables,
      objects: [],
      rows_total: 17,
      truncated: true,
      noted: [],
      left_out: { tables: 0, objects: 0 },
      ...report,
    },
    status: {
      release: 'pr-42',
      state: 'compared',
      created_at: '2026-02-02T16:00:00.000Z',
      author: 'bob',
      verdict: 'unexplained',
      digest,
      approved_by: [],
      approvals: [],
      overrides: [],
      logic: null,
      running: null,
      unfinished: null,
      cut_off: null,
      next: null,
      trail: null,
      ...status,
    },
    gate: null,
    expectations: [],
    stopped: null,
    revision: '5f2d1c0b9a8e7d6c5b4a39281706f5e4d3c2b1a0',
    job: 'https://github.com/o/r/actions/runs/1001',
    exchange: null,
    ...rest,
  };
}

/** As a pull request with one deviating table shows it: docs/comment.md has it too. */
export function oneTable(): ReviewFacts {
  const expected = reportedTable('marts.currency', {
    standing: 'still',
    explained: true,
    unexplained: 0,
    added: 1,
    removed: 0,
    changed: 0,
    columns: [],
    standings: { new: 0, still: 1, gone: 0 },
  });
  const expectation = {
    file: 'greenlight.expected.yml',
    line: 14,
    table: 'marts.revenue',
    declares: 'marts.revenue.note added',
    status: 'unmatched' as const,
    claimed: 0,
    broken: 0,
    because: null,
  };
  const noise = {
    tables: [
      {
        table: 'marts.run',
        kind: 'table' as const,
        role: 'result' as const,
        status: 'changed' as const,
        reason: null,
        added: 0,
        removed: 0,
        changed: 250,
        columns: [{ column: 'id', status: 'changed' as const, changed: 250, pattern: null }],
      },
    ],
    objects: [],
  };
  return reviewFacts([reportedTable('marts.revenue'), expected], {
    report: { noise },
    expectations: [expectation],
  });
}

/** 500 deviating tables, two fifths of them as declared, with many columns each. */
export function manyTables(): ReviewFacts {
  const tables = Array.from({ length: 500 }, (_, at) => {
    const isExpected = at % 5 < 2;
    const unexplained = isExpected ? 0 : 1 + ((at * 7919) % 100_000);
    const columns = Array.from({ length: 6 }, (_, column) => ({
      ...(reportedTable('').columns[0] as ReportedTable['columns'][number]),
      column: `measure_${column}`,
      unexplained: isExpected ? 0 : unexplained,
      explained: isExpected,
    }));
    return reportedTable(`marts.fact_of_region_${String(at).padStart(3, '0')}`, {
      changed: unexplained,
      unexplained,
      explained: isExpected,
      standing: at % 3 === 0 ? 'still' : 'new',
      columns,
    });
  });
  return reviewFacts(tables);
}
