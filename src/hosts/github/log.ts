import type { Annotation } from '../review.ts';

/**
 * The log of a job is read for commands: lines that begin with `::`, and `##[` anywhere
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
 */

/** A text without power over the runner; a JSON text stays equal. */
export function withoutCommands(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1\\u003a').replaceAll('##[', '#\\u0023[');
}

export function maskCommand(secret: string): string {
  return `::add-mask::${escaped(secret)}\n`;
}

export function warningCommand({ file, line, title, text }: Annotation): string {
  const properties = `file=${property(file)},line=${line},title=${property(title)}`;
  return `::warning ${properties}::${escaped(text)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
