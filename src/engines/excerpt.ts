/** The first lines of a statement, with their numbers. */
export function excerpt({
  text,
  line,
}: {
  readonly text: string;
  /** That of its first line, in the file. */
  readonly line: number;
}): string {
  const lines = text.split(/\r?\n/);
  const shown = lines
    .slice(0, 8)
    .map((content, at) => `  ${String(line + at).padStart(4)} | ${content.slice(0, 160)}`);
  return [
    ...shown,
    ...(lines.length > 8 ? [`       | ... ${lines.length - 8} more lines`] : []),
  ].join('\n');
}
