import type { Inline, Line } from './inline.ts';

/** Markdown of GitHub and GitLab. Whatever is not our own text stands in code, where neither takes it for markup. */

export function markdown(line: Line): string {
  return line.map((inline) => (typeof inline === 'string' ? inline : codeSpan(inline))).join('');
}

/**
 * In backticks where they hold it. Else as an element in which every character of Markdown is written by its number,
 * so that neither a table nor a code span ends early.
 */
function codeSpan({ code }: Exclude<Inline, string>): string {
  if (code === '') return '` `';
  if (!/[`|\\]/.test(code)) return `\`${/^ | $/.test(code) ? ` ${code} ` : code}\``;
  const numbered = code.replace(
    /[^\p{L}\p{N} ]/gu,
    (character) => `&#${character.codePointAt(0)};`,
  );
  return `<code>${numbered}</code>`;
}

/** `right` are columns of numbers. */
export function tableHead(
  heads: readonly { readonly text: string; readonly right: boolean }[],
): string[] {
  return [
    `| ${heads.map(({ text }) => text).join(' | ')} |`,
    `| ${heads.map(({ right }) => (right ? '--:' : '---')).join(' | ')} |`,
  ];
}

export function tableRow(cells: readonly Line[]): string {
  return `| ${cells.map(markdown).join(' | ')} |`;
}

/** A part that is folded away. `summary` is our own text. */
export function folded(summary: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${summary}</summary>`, '', ...lines, '', '</details>'];
}

/** Something to copy. */
export function fence(command: string): string[] {
  return ['```text', command.replaceAll('`', ''), '```'];
}

/** As many of the lines as fit, each whole; then what `left` says of the others. */
export function fitting(
  lines: readonly string[],
  room: number,
  left: (count: number) => string,
): string[] {
  const all = lines.reduce((sum, line) => sum + size(line), 0);
  if (all <= room) return [...lines];
  const kept: string[] = [];
  let used = size(left(lines.length));
  for (const line of lines) {
    used += size(line);
    if (used > room) break;
    kept.push(line);
  }
  return [...kept, left(lines.length - kept.length)];
}

/** With its line end, counted as the hosts count: in UTF-16 units, the larger of the usual measures but bytes. */
function size(line: string): number {
  return line.length + 1;
}
