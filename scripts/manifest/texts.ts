// Pieces of text that several generated files share.

import type { Input, Step } from './read.ts';

export const note = 'Generated from manifest.yml by `npm run generate`. Do not edit.';

/** `the release` -> `The release.` */
export function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}

/** A flag that the option switches off is described by the option: its input by what it is. */
export function isNegated({ option }: Input): boolean {
  return option?.startsWith('--no-') ?? false;
}

/** What the input means on a CI host, in one line. */
export function meaningOnHost(input: Input): string {
  const meaning = sentence(input.description);
  const values = input.type === 'list' ? ' One a line.' : '';
  return isNegated(input) ? `\`false\`: ${input.description}.` : `${meaning}${values}`;
}

export function inputsOn(host: 'github' | 'gitlab', { inputs }: Step): Input[] {
  return inputs.filter(({ hosts }) => hosts.includes(host));
}

/** A YAML scalar: quoted where it would be read otherwise. */
export function scalar(text: string): string {
  const isPlain = /^[A-Za-z][^:#"'{}[\],&*?|<>=!%@`\\]*$/.test(text);
  return isPlain && !/^(true|false|null|yes|no|on|off)$/i.test(text) && !/\s$/.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}

export function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

/** A table of Markdown, with its columns aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(first), line(rule), ...others.map(line)].join('\n');
}

/** Variables that give an input to the command line: as GitHub's runner writes names, or with underscores. */
export function variableOf(name: string, dashes: '-' | '_'): string {
  return `INPUT_${name.toUpperCase().replaceAll('-', dashes)}`;
}
