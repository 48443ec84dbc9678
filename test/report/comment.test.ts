// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what an attack looks like.
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { commentText } from '../../src/report/comment.ts';
import { type ReviewFacts, reviewModel } from '../../src/report/model.ts';
import { reviewPage } from '../../src/report/review-page.ts';
import { manyTables, oneTable, reportedTable, reviewFacts } from './review-example.ts';

const LIMIT = 60_000;

const place = {
  called: 'pull request',
  page: 'https://github.com/o/r/actions/runs/1001#artifacts',
};
const comment = (facts: ReviewFacts, limit = LIMIT) =>
  commentText(reviewModel(facts, place), limit);
const page = (facts: ReviewFacts) => reviewPage(reviewModel(facts, place));

/** To renew the files: GOLDEN=write npm test -- test/report/comment */
async function golden(name: string, text: string): Promise<void> {
  const file = `test/report/golden/${name}`;
  if (process.env.GOLDEN === 'write') await writeFile(file, text);
  expect(text).toBe(await readFile(file, 'utf8'));
}

describe('the comment reads well', () => {
  test('at one table', () => golden('one-table.md', `${comment(oneTable())}\n`));
  test('at 500 tables', () => golden('500-tables.md', `${comment(manyTables())}\n`));
  test('as a page, at one table', () => golden('one-table.html', page(oneTable())));

  test('and tells what of bitemporal tables was proven instead of compared', () => {
    const facts = oneTable();
    const coverage = { ...facts.report.coverage, history: { tables: 2, rows: 1529 } };
    const told = comment({ ...facts, report: { ...facts.report, coverage } });
    expect(told).toContain(
      'Of 2 bitemporal tables, what is visible at the parked instant; the 1,529 rows of history are proven unchanged by simulate.',
    );
  });

  test('and names what a tolerance lets count as equal', () => {
    const facts = oneTable();
    const tolerated = ['mean', 'share'].map((column) => ({
      table: 'marts.delay',
      column,
      within: 'absolute 0.001',
    }));
    const coverage = { ...facts.report.coverage, tolerated };
    expect(comment({ ...facts, report: { ...facts.report, coverage } })).toContain(
      'Equal within a tolerance: `marts.delay.mean` (absolute 0.001), `marts.delay.share` (absolute 0.001).',
    );
  });

  test('and tells that a table that does not deviate was compared without its key', () => {
    const facts = oneTable();
    const noted = [{ table: 'marts.same', reason: 'compared without its key (id)' }];
    const told = { ...facts, report: { ...facts.report, noted } };
    expect(comment(told)).toContain('1 note on what does not deviate');
    expect(comment(told)).toContain('`marts.same`: `compared without its key (id)`');
    expect(page(told)).toContain('compared without its key (id)');
    expect(comment(facts)).not.toContain('does not deviate');
  });

  test('and does not count what is gone among what deviates', () => {
    const gone = reportedTable('marts.old', { status: 'added', standing: 'gone', changed: 0 });
    const facts = reviewFacts([gone], { report: { verdict: 'explained' } });
    for (const told of [comment(facts), page(facts)]) {
      expect(told).toContain('Nothing is unexplained.');
      expect(told).toContain('0 new, 0 still there, 1 gone');
      expect(told).not.toContain('marts.old');
    }
  });

  test('and stands in the docs as it is', async () => {
    expect(await readFile('docs/comment.md', 'utf8')).toContain(comment(oneTable()));
  });
});

describe('the verdict comes first', () => {
  const titleOf = (facts: ReviewFacts) => comment(facts).split('\n', 1)[0];
  const closed = {
    open: false,
    reasons: [
      { condition: 'drift' as const, found: 'live was changed', help: 'clone', overridable: true },
    ],
  };
  const waiting = {
    open: false,
    reasons: [
      {
        condition: 'deviations' as const,
        found: 'it deviates',
        help: 'approve',
        overridable: true,
      },
    ],
  };
  test.each<[string, ReviewFacts, string]>([
    [
      'identical',
      reviewFacts([], { report: { verdict: 'identical' }, gate: { open: true, reasons: [] } }),
      '## ✅ Nothing deviates',
    ],
    [
      'expected',
      reviewFacts([], { report: { verdict: 'explained' } }),
      '## ✅ Everything that deviates is expected',
    ],
    [
      'unexplained',
      reviewFacts([reportedTable('m.a')], { gate: waiting }),
      '## 🟡 Unexplained deviations',
    ],
    [
      'approved',
      reviewFacts([reportedTable('m.a')], { status: { state: 'approved' } }),
      '## ✅ Unexplained deviations, approved',
    ],
    [
      'not compared to the end',
      reviewFacts([], { stopped: '60 s are over' }),
      '## ❌ Not compared to the end',
    ],
    [
      'identical, but live has drifted',
      reviewFacts([], { report: { verdict: 'identical' }, gate: closed }),
      '## ❌ Nothing deviates, and the gate is closed',
    ],
    [
      'live',
      reviewFacts([], {
        status: { state: 'swapped' },
        exchange: { at: '2026-02-03T11:00:00.000Z', ms: 3 },
      }),
      '## ✅ Live',
    ],
    ['rolled back', reviewFacts([], { status: { state: 'rolled-back' } }), '## ❌ Rolled back'],
    ['retired', reviewFacts([], { status: { state: 'retired' } }), '## ✅ Retired'],
    ['made anew', reviewFacts([], { status: { state: 'cloned' } }), '## 🟡 Being made anew'],
  ])('%s', (_, facts, title) => {
    expect(titleOf(facts)).toBe(title);
    expect(page(facts)).toContain(title.replace(/^## \S+ /, ''));
  });

  test('where no job starts by itself after an approval, it names the one to start', () => {
    const facts = reviewFacts([reportedTable('m.a')], { gate: waiting });
    const called = 'merge request';
    const told = (approvalJob: object) =>
      commentText(reviewModel(facts, { called, page: null, ...approvalJob }), LIMIT);
    expect(told({})).toContain('approve this merge request, or comment:\n');
    expect(told({ approvalJob: 'greenlight-approve' })).toContain(
      'approve this merge request, or comment, and start the job `greenlight-approve`:\n',
    );
  });

  test('a release that may not go live is never told to', () => {
    expect(comment(reviewFacts([], { gate: closed }))).not.toMatch(
      /may go live|greenlight approve/,
    );
    expect(comment(reviewFacts([], { gate: closed }))).toContain(
      '- drift: `live was changed`. To do: `clone`',
    );
  });
});

const attacks = {
  'a pipe and backticks': 'a|b`c``d',
  'an escaped pipe': 'a\\|b',
  'a mention': '@everyone/admins',
  markup: '</summary></details><img src=x onerror=alert(1)><!-- ',
  'line breaks': 'a\n\n# Approved\n/greenlight approve 3f9c0a7be112\n/close',
  'a fence': '```\nend',
  'writing from right to left': 'safe\u202Egnp.exe',
  'what nobody sees': 'mar\u200Bts\u200D.x\uFEFF\u00AD',
  'a shell': '$(rm -rf ~); `id`; ${{ github.token }}',
  'a link': '[click](http://evil.example) https://evil.example',
  'a workflow command': '::set-output name=digest::fake',
  'a terminal': '\u001b[2J\u0007',
  'a very long name': 'x'.repeat(5000),
};

describe('nothing that is not ours has power', () => {
  test.each(Object.entries(attacks))('%s', (_, text) => {
    const facts = attackedBy(text);
    const plain = comment(attackedBy('plain'));
    const made = comment(facts);
    // Line for line the same document: nothing has ended, begun or been added.
    expect(made.split('\n').map(skeleton)).toEqual(plain.split('\n').map(skeleton));
    expect(outsideOfCode(made)).toBe(outsideOfCode(plain));
    expect(made).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(made.length).toBeLessThan(LIMIT);

    const html = page(facts);
    const bare = page(attackedBy('plain'));
    expect(tags(html)).toEqual(tags(bare));
    expect(html).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });

  test('a page runs nothing and loads nothing', () => {
    const html = page(attackedBy('<script src="https://evil.example/x.js">'));
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(
      tags(html).filter((tag) =>
        /^<(?:script|link|img|iframe|object)|\s(?:on\w+|src|href)=/i.test(tag),
      ),
    ).toEqual([]);
  });

  function attackedBy(text: string): ReviewFacts {
    const table = reportedTable(text, {
      reason: text,
      likely_rename: { other: text, evidence: text },
      rows: [
        {
          kind: 'changed',
          standing: 'new',
          key: { [text]: text },
          columns: [text],
          old: { [text]: text },
          new: { [text]: null },
          occurrences: 1,
          explained: false,
          fingerprint: null,
        },
      ],
    });
    const [column] = table.columns;
    if (column === undefined) throw new Error('no column');
    const columns = [{ ...column, column: text, pattern: text, condition: text }];
    const approval = {
      by: text,
      standing: 'valid' as const,
      digest: 'a'.repeat(64),
      at: '2026-02-03T11:00:00.000Z',
      place: text,
    };
    const expectation = {
      file: text,
      line: 1,
      table: text,
      declares: text,
      status: 'unmatched' as const,
      claimed: 0,
      broken: 0,
      because: text,
    };
    const object = {
      kind: text,
      name: text,
      status: 'added' as const,
      explained: false,
      old_definition: null,
      new_definition: text,
      standing: 'new' as const,
    };
    return reviewFacts([{ ...table, columns }], {
      expectations: [expectation],
      report: {
        objects: [object],
        noted: [{ table: text, reason: text }],
        coverage: {
          ...reviewFacts([]).report.coverage,
          skipped: [{ table: text, column: text, reason: text }],
        },
      },
      status: { approvals: [approval], author: text },
      gate: {
        open: false,
        reasons: [{ condition: 'drift', found: text, help: text, overridable: true }],
      },
    });
  }
});

/** Of a line what gives it its place: its Markdown, without any text in code. */
function skeleton(line: string): string {
  return outsideOfCode(line);
}

/** As CommonMark reads it: code in backticks, and elements of code of which no character is markup. */
function outsideOfCode(text: string): string {
  return text
    .replace(/<code>(?:[\p{L}\p{N} ]|&#\d+;)*<\/code>/gu, '◇')
    .replace(/(?<!`)`[^`\n|\\]*`(?!`)/g, '◇');
}

function tags(html: string): string[] {
  return html.match(/<[^>]*>/g) ?? [];
}

describe('limits', () => {
  test.each([60_000, 20_000, 8_000])(
    '%d characters are never exceeded, and no list is cut within a line',
    (limit) => {
      const whole = new Set(comment(manyTables(), 10_000_000).split('\n'));
      const text = comment(manyTables(), limit);
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text.length).toBeGreaterThan(limit / 3);
      const strange = text
        .split('\n')
        .filter((line) => !whole.has(line) && !line.includes('… and'));
      expect(strange).toEqual([]);
      expect(text).toContain('/greenlight approve 3f9c0a7be112');
      for (const part of ['details', 'summary'])
        expect(text.split(`<${part}>`).length).toBe(text.split(`</${part}>`).length);
      expect(text.match(/^```/gm)).toHaveLength(2);
    },
  );

  test('what is cut is said, with how much it is', () => {
    const text = comment(manyTables(), 20_000);
    const rows = text.split('\n').filter((line) => line.startsWith('| `marts.')).length;
    const [, ...left] = [...text.matchAll(/\| … and (\d+) more/g)].map(([, n]) => Number(n));
    const all = [...text.matchAll(/\| … and (\d+) more/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    expect(left.length).toBeGreaterThan(0);
    expect(rows + all).toBe(500);
  });

  test('names of the longest kind in every place still fit', () => {
    const tables = Array.from({ length: 500 }, (_, at) =>
      reportedTable(`${at}${'|'.repeat(5000)}`),
    );
    expect(comment(reviewFacts(tables)).length).toBeLessThanOrEqual(LIMIT);
    expect(page(reviewFacts(tables))).toContain('<code>499|');
  });
});

describe('no row of the data', () => {
  test('is in the comment; the page has what the ledger was allowed to record', () => {
    const row = {
      kind: 'changed' as const,
      standing: 'new' as const,
      columns: ['amount'],
      occurrences: 1,
      explained: false,
      fingerprint: null,
    };
    const rows = [
      { ...row, key: { id: 'KEY-7' }, old: { amount: 'OLD-7' }, new: { amount: 'NEW-7' } },
    ];
    const facts = reviewFacts([reportedTable('marts.revenue', { rows })]);
    expect(comment(facts)).not.toMatch(/KEY-7|OLD-7|NEW-7/);
    expect(page(facts)).toMatch(/KEY-7[\s\S]*OLD-7[\s\S]*NEW-7/);
    const silent = reviewFacts([
      reportedTable('marts.revenue', {
        rows: [{ ...row, key: { id: 'KEY-7' }, old: null, new: null }],
      }),
    ]);
    expect(page(silent)).toMatch(/KEY-7[\s\S]*amount/);
  });
});
