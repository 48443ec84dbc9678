import Table from 'cli-table3';
import { count, visible } from '../format.ts';

export type Cell = string | number | bigint | null;

export interface TextTableOptions {
  /** Width of the whole table; the widest columns give way. Default: 120. */
  readonly width?: number;
}

/**
 * A table for the terminal: aligned columns, no borders, one line a row. Numbers stand on the right and have
 * thousands separators; null is empty. A text that is too long ends with an ellipsis.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: TextTableOptions = {},
): string {
  const lines = [head, ...rows].map((row) => row.map(cellText));
  const aligned = head.map((_, i) => (isNumeric(rows, i) ? 'right' : 'left'));
  const natural = layOut(lines, aligned, []);
  const widths = shrink(natural.widths, options.width ?? 120);
  const { text } = widths === natural.widths ? natural : layOut(lines, aligned, widths);
  return text.replace(/ +$/gm, '');
}

/** The library's own measure of each column is what counts: it knows wide characters. */
function layOut(
  lines: readonly string[][],
  aligned: ('left' | 'right')[],
  widths: readonly number[],
): { text: string; widths: number[] } {
  const table = new Table({
    chars: NO_BORDERS,
    // No colours: the library would take them from the environment, not from the stream.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colWidths: [...widths],
    colAligns: aligned,
  });
  table.push(...lines);
  const text = table.toString();
  return { text, widths: table.options.colWidths.map(Number) };
}

/** Takes from the widest columns, one by one, until the table fits; none gets narrower than a short word. */
function shrink(natural: number[], width: number): number[] {
  const narrowest = 8 + GAP;
  const widths = [...natural];
  // The gap behind the last column is white space that is cut.
  let excess = widths.reduce((sum, one) => sum + one, -GAP) - width;
  if (excess <= 0) return natural;
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

const GAP = 2;

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'mid', 'right']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('middle')
    .map((side) => [side, '']),
);

function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? visible(cell) : count(cell);
}

function isNumeric(rows: readonly (readonly Cell[])[], column: number): boolean {
  const cells = rows.map((row) => row[column] ?? null).filter((cell) => cell !== null);
  return cells.length > 0 && cells.every((cell) => typeof cell !== 'string');
}
