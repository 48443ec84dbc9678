import type { Noise, NoisyTable } from '../compare/noise.ts';
import { isSilent, noisyRows } from '../compare/noise.ts';
import { plural, visible } from '../format.ts';

const silent = 'the old logic, run again, gives what production has';

/** What the old logic itself made otherwise than production has it; nothing without a control. */
export function noiseLines(noise: Noise | null): string[] {
  if (noise === null) return [];
  if (isSilent(noise)) return [`No noise: ${silent}.`];
  return [
    'Noise, which is no deviation: the old logic, run again, gives another result than production has.',
    ...noise.tables.flatMap(tableLines),
    ...noise.objects.map(({ kind, name, status }) => `  ${status} ${kind} ${visible(name)}`),
  ];
}

/** The same in one line. */
export function noiseInShort(noise: Noise | null): string[] {
  if (noise === null) return [];
  if (isSilent(noise)) return [`none: ${silent}`];
  const { tables, objects } = noise;
  const rows = tables.reduce(
    (sum, { added, removed, changed }) => sum + added + removed + changed,
    0,
  );
  const others = objects.length === 0 ? [] : [plural(objects.length, 'other object')];
  const found = [
    plural(tables.length, 'table or view', 'tables and views'),
    plural(rows, 'row'),
    ...others,
  ];
  return [`${found.join(', ')}; --noise shows them`];
}

/** Behind a deviation of a column that the old logic does not make twice either. */
export function noisyToo(noise: Noise | null, table: string, column: string): string {
  const rows = noisyRows(noise, table, column);
  return rows === 0
    ? ''
    : ` (noisy: the old logic itself gives ${plural(rows, 'row')} another value)`;
}

function tableLines(noisy: NoisyTable): string[] {
  const { table, role, status, reason, columns } = noisy;
  const input = role === 'input' ? ' (input!)' : '';
  const told = status === 'skipped' ? `skipped, ${reason ?? ''}` : rowsText(noisy);
  return [
    `  ${visible(table)}${input}: ${visible(told)}`,
    ...columns.map((one) => {
      const rows = one.changed > 0 ? `${plural(one.changed, 'row')} changed` : one.status;
      const pattern = one.pattern === null ? '' : `: ${visible(one.pattern)}`;
      return `    ${visible(`${table}.${one.column}`)}: ${rows}${pattern}`;
    }),
  ];
}

function rowsText({ status, kind, added, removed, changed }: NoisyTable): string {
  if (status !== 'changed') return `${kind} ${status}`;
  const counts = { added, removed, changed };
  const parts = Object.entries(counts).filter(([, rows]) => rows > 0);
  if (parts.length === 0) return 'its structure differs';
  return parts.map(([what, rows]) => `${plural(rows, 'row')} ${what}`).join(', ');
}
