import { count, plural } from '../format.ts';
import type { ReportedRow } from '../steps/report.ts';
import { type Line, readable } from './inline.ts';
import type { ReviewModel, ReviewTable } from './model.ts';

/**
 * The review page: one HTML file that needs nothing else, runs nothing and asks nobody. It has what the comment has,
 * uncut, and of each table the first rows as the ledger has them.
 */
export function reviewPage(model: ReviewModel): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${model.release}: ${model.title}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1 class="${model.tone}">${escaped(model.release)}: ${escaped(model.title)}</h1>
${[...model.lead, model.coverage, ...(model.since === null ? [] : [model.since])].map((line) => `<p>${html(line)}</p>`).join('\n')}
${list('Why the gate is closed', model.obstacles)}
${tables('Unexplained', model, model.unexplained)}
${list('Expectations that are not met', model.unmet)}
${list('Other objects that deviate', model.objects)}
${tables('Deviating as declared', model, model.expected)}
${model.noise === null ? '' : list(model.noise.summary, model.noise.lines, true)}
${list('Skipped', model.skipped)}
${list('Notes on what does not deviate', model.noted)}
${list('Decisions', model.decisions)}
${next(model)}
${model.facts.map((line) => `<p class="fact">${html(line)}</p>`).join('\n')}
</body>
</html>
`;
}

/** Columns of values side by side; a row with more shows the first. */
const MAX_VALUES = 12;
/** Of a name or a value. */
const MAX_TEXT = 500;

function tables(title: string, model: ReviewModel, all: readonly ReviewTable[]): string {
  if (all.length === 0) return '';
  const standing = model.hasStandings;
  const heads = [
    'Table',
    ...(standing ? ['Standing'] : []),
    'Added',
    'Removed',
    'Changed',
    'Unexplained',
  ];
  const rows = all.map(
    ({ name, note, standing: its, counts }) =>
      `<tr><td><code>${shown(name)}</code> ${escaped(note)}</td>${standing ? `<td>${its === 'still' ? 'still there' : its}</td>` : ''}${[
        counts.added,
        counts.removed,
        counts.changed,
        counts.unexplained,
      ]
        .map((rows) => `<td class="number">${count(rows)}</td>`)
        .join('')}</tr>`,
  );
  return `<h2>${title}</h2>
<table>
<thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
${all.map(details).join('\n')}`;
}

function details({ name, changes, rows, rowsTotal }: ReviewTable): string {
  if (changes.length + rows.length === 0) return '';
  const cut =
    rows.length < rowsTotal
      ? `<p>${plural(rowsTotal, 'recorded row')}, the first ${count(rows.length)} of them here.</p>`
      : '';
  return `<details><summary><code>${shown(name)}</code></summary>
${listOf(changes)}
${rows.length === 0 ? '' : `<table>\n<thead><tr><th>Row</th><th>Standing</th><th>Key</th><th>Old</th><th>New</th></tr></thead>\n<tbody>\n${rows.map(rowLine).join('\n')}\n</tbody>\n</table>`}
${cut}
</details>`;
}

function rowLine({
  kind,
  standing,
  key,
  old,
  new: now,
  columns,
  occurrences,
}: ReportedRow): string {
  const times = occurrences > 1 ? `, ${count(occurrences)} times` : '';
  const changed =
    old === null && now === null && columns !== null ? { columns: columns.join(', ') } : null;
  const cells = [key, old ?? changed, now].map((values) => `<td>${valuesOf(values)}</td>`);
  return `<tr><td>${kind}${times}</td><td>${standing ?? ''}</td>${cells.join('')}</tr>`;
}

function valuesOf(values: Readonly<Record<string, string | null>> | null): string {
  if (values === null) return '';
  const all = Object.entries(values);
  const told = all
    .slice(0, MAX_VALUES)
    .map(
      ([name, value]) =>
        `${shown(name)}: ${value === null ? '<i>null</i>' : `<code>${shown(value)}</code>`}`,
    );
  return [...told, ...(all.length > MAX_VALUES ? ['…'] : [])].join('<br>');
}

function list(title: string, lines: readonly Line[], always = false): string {
  if (lines.length === 0) return always ? `<p>${escaped(title)}.</p>` : '';
  return `<h2>${escaped(title)}</h2>\n${listOf(lines)}`;
}

function listOf(lines: readonly Line[]): string {
  return lines.length === 0
    ? ''
    : `<ul>\n${lines.map((line) => `<li>${html(line)}</li>`).join('\n')}\n</ul>`;
}

function next({ next: step }: ReviewModel): string {
  if (step === null) return '';
  const commands = step.commands.map((command) => `<pre>${escaped(command)}</pre>`).join('\n');
  return `<h2>What to do now</h2>\n<p>${html(step.text)}</p>\n${commands}`;
}

function html(line: Line): string {
  return line
    .map((inline) =>
      typeof inline === 'string' ? escaped(inline) : `<code>${escaped(inline.code)}</code>`,
    )
    .join('');
}

function shown(text: string): string {
  return escaped(readable(text, MAX_TEXT));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
h1 { border-left: .3em solid #999; padding-left: .5em; }
h1.good { border-color: #1a7f37; } h1.waiting { border-color: #bf8700; } h1.bad { border-color: #cf222e; }
table { border-collapse: collapse; margin: .5em 0; }
th, td { border: 1px solid #ccc; padding: .2em .6em; text-align: left; vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 13px ui-monospace, monospace; background: #f4f4f4; overflow-wrap: anywhere; }
pre { padding: .6em; } details { margin: .4em 0; } .fact { color: #555; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #161616; } code, pre { background: #2a2a2a; } th, td { border-color: #444; } .fact { color: #aaa; } }
`;
