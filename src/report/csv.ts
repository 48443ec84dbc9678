/**
 * Lines of CSV as RFC 4180 has them, header first. NULL is an empty field, an empty text a quoted one. Texts stay
 * exactly as they are, also those that a spreadsheet would take for a formula.
 */
export async function* csvLines<Row extends object>(
  columns: readonly (keyof Row & string)[],
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  let head = `${columns.map(field).join(',')}\r\n`;
  for await (const page of pages) {
    const lines = page.map((row) => `${columns.map((column) => field(row[column])).join(',')}\r\n`);
    yield head + lines.join('');
    head = '';
  }
  if (head !== '') yield head;
}

function field(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
