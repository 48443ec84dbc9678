import type { ChangeDescription } from '../engines/engine.ts';
import type { ColumnOutcome } from './outcome.ts';

/** What the changes of a column look like, in parts and in words. */
export function describeChange(
  description: ChangeDescription | undefined,
): Pick<ColumnOutcome, 'pattern' | 'patterns' | 'condition'> {
  if (description === undefined) return { pattern: null, patterns: [], condition: null };
  const { patterns, condition } = description;
  return {
    pattern: changesInWords(description),
    patterns,
    condition: condition?.relation ?? null,
  };
}

/** `constant offset (new = old + 0.01); only currency = 'CAD'`; of several patterns each with its share of the rows. */
export function changesInWords({ patterns, condition }: ChangeDescription): string {
  const total = patterns.reduce((sum, { rows }) => sum + rows, 0);
  const texts = patterns.map(({ pattern, detail, rows }) => {
    const text = detail === null ? pattern : `${pattern} (${detail})`;
    return rows === total ? text : `${text} ${share(rows, total)}`;
  });
  return texts.join(', ') + (condition === null ? '' : `; only ${condition.detail}`);
}

/** A part is never said to be nothing, nor the whole. */
function share(rows: number, total: number): string {
  const percent = Math.round((rows / total) * 100);
  if (percent === 0) return '< 1 %';
  return percent === 100 ? '> 99 %' : `${percent} %`;
}
