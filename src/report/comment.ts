import { count, plural } from '../format.ts';
import { code, type Line } from './inline.ts';
import { fence, fitting, folded, markdown, tableHead, tableRow } from './markdown.ts';
import type { ReviewModel, ReviewTable } from './model.ts';

/** How much of a kind stands open; the rest of it is folded away. */
const OPEN_TABLES = 20;
const OPEN_CHANGES = 30;
const OPEN_OTHERS = 20;

/** What a cut leaves for the words around it. */
const RESERVE = 2_000;

/**
 * The comment of a release, and the job summary: Markdown of at most `limit` characters. The verdict, what to do and
 * the digest are always there; lists are cut between two lines, what is folded away first, and say so.
 */
export function commentText(model: ReviewModel, limit: number): string {
  const head = [
    `## ${mark(model)} ${model.title}`,
    '',
    ...model.lead.map(markdown),
    '',
    [model.coverage, ...(model.since === null ? [] : [model.since])].map(markdown).join('\\\n'),
  ];
  const tail = [
    '',
    ...nextLines(model),
    ...model.facts.map((line) => `${markdown(line)}\\`),
    linksLine(model),
  ];
  const room = new Room(limit - length([...head, ...tail]) - RESERVE);
  // What matters most is given its room first; where it stands is another matter.
  const obstacles = listPart('Why the gate is closed', model.obstacles, room, 0.2);
  const tables = tablesPart(model, room);
  const unmet = listPart('Expectations that are not met', model.unmet, room, 0.3);
  const changes = changesPart(model, room);
  const objects = listPart('Other objects that deviate', model.objects, room, 0.3);
  const folds = [
    ...expectedPart(model, room),
    ...noisePart(model, room),
    ...foldedList(`${plural(model.skipped.length, 'skipped part')}`, model.skipped, room),
    ...foldedList(
      `${plural(model.noted.length, 'note', 'notes')} on what does not deviate`,
      model.noted,
      room,
    ),
    ...foldedList('Decisions', model.decisions, room),
  ];
  return [
    ...head,
    ...obstacles,
    ...tables,
    ...unmet,
    ...changes,
    ...objects,
    ...folds,
    ...tail,
  ].join('\n');
}

function mark({ tone }: ReviewModel): string {
  return { good: '✅', waiting: '🟡', bad: '❌' }[tone];
}

// Room -----------------------------------------------------------------------------------------------

/** Characters that are left. */
class Room {
  #left: number;

  constructor(left: number) {
    this.#left = Math.max(0, left);
  }

  /** As many of the lines as fit into a share of what is left. */
  take(lines: readonly string[], share: number, left: (count: number) => string): string[] {
    const taken = fitting(lines, Math.floor(this.#left * share), left);
    this.#left -= length(taken);
    return taken;
  }
}

function length(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

const more = (left: number, what = 'more') =>
  `- … and ${count(left)} ${what}; the review page has them all`;

// Tables ---------------------------------------------------------------------------------------------

function tablesPart(model: ReviewModel, room: Room): string[] {
  const { unexplained } = model;
  if (unexplained.length === 0) return [];
  const open = tableOf(model, unexplained.slice(0, OPEN_TABLES), room, 0.5);
  const rest = unexplained.slice(OPEN_TABLES);
  if (rest.length === 0) return ['', ...open];
  const rows = rest.reduce((sum, { counts }) => sum + counts.unexplained, 0);
  const summary = `${plural(rest.length, 'more table or view', 'more tables and views')}, with ${plural(rows, 'unexplained row')}`;
  return ['', ...open, '', ...folded(summary, tableOf(model, rest, room, 0.5))];
}

function tableOf(
  model: ReviewModel,
  tables: readonly ReviewTable[],
  room: Room,
  share: number,
): string[] {
  const heads = [
    { text: 'Table', right: false },
    ...(model.hasStandings ? [{ text: 'Standing', right: false }] : []),
    ...['Added', 'Removed', 'Changed', 'Unexplained'].map((text) => ({ text, right: true })),
  ];
  const rows = tables.map(({ name, note, standing, counts }) => {
    const { added, removed, changed, unexplained } = counts;
    return tableRow([
      [code(name), ...(note === '' ? [] : [` ${note}`])],
      ...(model.hasStandings ? [[standing === 'still' ? 'still there' : standing]] : []),
      ...[added, removed, changed, unexplained].map((rows): Line => [count(rows)]),
    ]);
  });
  const empty = heads.slice(1).map(() => ' ');
  return [
    ...tableHead(heads),
    ...room.take(
      rows,
      share,
      (left) =>
        `| … and ${count(left)} more; the review page has them all |${empty.map((cell) => `${cell}|`).join('')}`,
    ),
  ];
}

// Lists ----------------------------------------------------------------------------------------------

function changesPart(model: ReviewModel, room: Room): string[] {
  const lines = model.unexplained.flatMap(({ changes }) => changes).map(item);
  if (lines.length === 0) return [];
  const open = room.take(lines.slice(0, OPEN_CHANGES), 0.5, (left) => more(left, 'columns'));
  const rest = lines.slice(OPEN_CHANGES);
  const folds =
    rest.length === 0
      ? []
      : [
          '',
          ...folded(
            plural(rest.length, 'more column'),
            room.take(rest, 0.6, (left) => more(left, 'columns')),
          ),
        ];
  return ['', '**What changed**', '', ...open, ...folds];
}

function listPart(title: string, lines: readonly Line[], room: Room, share: number): string[] {
  if (lines.length === 0) return [];
  const open = room.take(lines.slice(0, OPEN_OTHERS).map(item), share, more);
  const rest = lines.slice(OPEN_OTHERS);
  const folds =
    rest.length === 0
      ? []
      : ['', ...folded(`${count(rest.length)} more`, room.take(rest.map(item), share, more))];
  return ['', `**${title}**`, '', ...open, ...folds];
}

function foldedList(summary: string, lines: readonly Line[], room: Room): string[] {
  return lines.length === 0 ? [] : ['', ...folded(summary, room.take(lines.map(item), 0.5, more))];
}

function expectedPart(model: ReviewModel, room: Room): string[] {
  const { expected } = model;
  if (expected.length === 0) return [];
  const summary = `${plural(expected.length, 'table or view deviates', 'tables and views deviate')} as declared`;
  const changes = expected.flatMap((table) => table.changes).map(item);
  return [
    '',
    ...folded(summary, [
      ...tableOf(model, expected, room, 0.4),
      ...(changes.length === 0
        ? []
        : ['', ...room.take(changes, 0.4, (left) => more(left, 'columns'))]),
    ]),
  ];
}

function noisePart({ noise }: ReviewModel, room: Room): string[] {
  if (noise === null) return [];
  if (noise.lines.length === 0) return ['', `${noise.summary}.`];
  return ['', ...folded(noise.summary, room.take(noise.lines.map(item), 0.5, more))];
}

function item(line: Line): string {
  return `- ${markdown(line)}`;
}

// The end ----------------------------------------------------------------------------------------------

function nextLines({ next }: ReviewModel): string[] {
  if (next === null) return [];
  return [
    '**What to do now**',
    '',
    markdown(next.text),
    '',
    ...next.commands.flatMap((command) => [...fence(command), '']),
  ];
}

/** Addresses of the host, not of a user: they need no escaping but for a bracket that would end the link. */
function linksLine({ page, job, release }: ReviewModel): string {
  const link = (text: string, address: string) =>
    `[${text}](${address.replace(/[()<>\s]/g, percent)})`;
  const links = [
    ...(page === null ? [] : [link('Review page', page)]),
    ...(job === null ? [] : [link('The job that compared', job)]),
  ];
  return links.length === 0 ? `Release ${markdown([code(release)])}` : links.join(' · ');
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
