import { referencesOf } from '../claims.ts';
import type { Claim, ComparedColumn, GatherOptions, RowComparison, TablePair } from '../engine.ts';
import {
  claimId,
  coveringNothing,
  type KeptColumn,
  keptName,
  otherColumns,
  type Reference,
  type WrittenClaim,
} from '../judging.ts';
import { list } from '../sql.ts';
import { type ReadClaim, readClaim, writeClaim } from './claims.ts';
import { textDigest } from './fingerprints.ts';
import { jsonObject, type Member } from './json-text.ts';
import { syntax } from './judge.ts';
import { quote } from './names.ts';
import { type Differing, typesOn } from './rows.ts';
import { stored, storedAs, type Type, text } from './types.ts';
import { type Meeting, parts, valueFrom } from './values.ts';
import type { Lane } from './workspace.ts';

/**
 * The deviating rows of a pair in a temporary table, one row each: kind ('added', 'removed', 'changed'), occurrences,
 * image (of a row that one side has: all its values, as JSON), for each dirty column d0 (deviates), ..., for each kept
 * column o0 (old value), n0 (new value), ..., and with a key its values `keys` on the new side, and removed_key, as
 * JSON, where only the old side has it. d0, ... are bits and never NULL.
 */
export interface GatheredRows {
  /** The table, quoted. */
  readonly table: string;
  readonly pair: TablePair;
  readonly differing: Differing;
  /** Columns that deviate in rows that both sides have: d0, o0, n0, ... */
  readonly dirty: readonly ComparedColumn[];
  /** The same with their types. */
  readonly meetings: readonly Meeting[];
  /** The dirty columns, then others whose values are needed. */
  readonly kept: readonly KeptColumn[];
  /** `k0`, ...; empty without a key. Of the new side's types. */
  readonly keys: readonly string[];
  /** Column -> rows in which it deviates. */
  readonly cells: RowComparison['cells'];
  /** Images are kept as texts. Else only their SHA-256: they take far more room than all the rest. */
  readonly keepsImages: boolean;
  /** By claimId. */
  readonly claims: ReadonlyMap<string, WrittenClaim>;
}

type Types = Readonly<Record<'old' | 'new', ReadonlyMap<string, Type>>>;

/** Brings the deviating rows into a temporary table. */
export async function gatherRows(
  lane: Lane,
  differing: Differing,
  found: RowComparison,
  { claims, privacy }: GatherOptions,
): Promise<GatheredRows> {
  const { pair, values } = differing;
  const meetings = values.filter(({ column }) => found.cells.has(column.name));
  const dirty = meetings.map(({ column }) => column);
  const types: Types = {
    old: await lane.columnTypes('old', pair.schema, pair.name),
    new: await lane.columnTypes('new', pair.schema, pair.name),
  };
  const read = await readClaims(types, claims);
  const kept = [...dirty.map(onBothSides), ...otherColumns(read.flatMap(referencesOf), dirty)];
  const gathered: GatheredRows = {
    table: lane.scratchTable(),
    pair,
    differing,
    dirty,
    meetings,
    kept,
    keys: (pair.key ?? []).map((_, at) => `k${at}`),
    cells: found.cells,
    keepsImages: privacy === 'full' || privacy === 'masked',
    claims: writeClaims(read, pair, dirty, kept),
  };
  const about = `gather the deviating rows of ${pair.schema}.${pair.name}`;
  await lane.run(about, fillTable(gathered, types) + lane.hint);
  return gathered;
}

function readClaims(types: Types, claims: readonly Claim[]): Promise<ReadClaim[]> {
  const columnsOf = (side: 'old' | 'new') =>
    [...types[side]].map(([name, type]) => ({ name, type: storedAs(type) }));
  const columns = { old: columnsOf('old'), new: columnsOf('new') };
  return Promise.all(claims.map((claim) => readClaim(claim, columns)));
}

function writeClaims(
  claims: readonly ReadClaim[],
  pair: TablePair,
  dirty: readonly ComparedColumn[],
  kept: readonly KeptColumn[],
): Map<string, WrittenClaim> {
  // Without a key, rows are kept by the columns that are compared: nothing else of them is known.
  const isKnown = ({ column }: Reference) =>
    pair.key !== null || pair.columns.some(({ name }) => name === column);
  return new Map(
    claims.map((read) => [
      claimId(read.claim),
      referencesOf(read).every(isKnown)
        ? writeClaim(read, dirty, (reference) => keptName(kept, reference))
        : coveringNothing(syntax),
    ]),
  );
}

// ---------------------------------------------------------------------------------------------
// Gathering

export function fillTable(gathered: GatheredRows, types: Types): string {
  return gathered.pair.key === null ? surplusRows(gathered, types) : joinedRows(gathered, types);
}

/** Both sides are looked up by the keys of the rows that differ. */
function joinedRows(gathered: GatheredRows, types: Types): string {
  const { table, differing, meetings, kept, keys, pair } = gathered;
  const { key, values, relations } = differing;
  const typeOn = (side: 'old' | 'new', name: string) => types[side].get(name) ?? text;
  const alias = { old: 'o', new: 'n' } as const;
  const raw = (side: 'old' | 'new', name: string) =>
    stored(`${alias[side]}.${quote(name)}`, typeOn(side, name));
  const image = (side: 'old' | 'new') =>
    imageOf(
      pair.columns.map(
        ({ name }): Member => [name, `${alias[side]}.${quote(name)}`, typeOn(side, name)],
      ),
      gathered,
    );
  const flags = meetings.map((meeting, at) => `d.d${values.indexOf(meeting)} AS d${at}`);
  const keptValues = kept.flatMap((column, at) =>
    (['old', 'new'] as const).map(
      (side) => `${column[side] ? raw(side, column.name) : 'NULL'} AS ${alias[side]}${at}`,
    ),
  );
  const removedKey = jsonObject(
    key.map(({ column, old }, at): Member => [column.name, `d.ok${at}`, old]),
  );
  const selected = [
    'd.kind',
    'CONVERT(bigint, 1) AS occurrences',
    `CASE d.kind WHEN 'added' THEN ${image('new')} WHEN 'removed' THEN ${image('old')} END AS image`,
    ...flags,
    ...keptValues,
    ...keys.map((name, at) => `d.nk${at} AS ${name}`),
    `CASE WHEN d.kind = 'removed' THEN ${removedKey} END AS removed_key`,
  ];
  const on = (side: 'old' | 'new') =>
    [
      `d.kind <> '${side === 'old' ? 'added' : 'removed'}'`,
      ...key.map((meeting, at) =>
        sameStored(
          `${alias[side]}.${quote(meeting.column.name)}`,
          `d.${alias[side]}k${at}`,
          typesOn(side, meeting).own,
        ),
      ),
    ].join(' AND ');
  // A row of which only values within their tolerance differ is none.
  const any = meetings.map((meeting) => ` OR d.d${values.indexOf(meeting)} = 1`).join('');
  return `SELECT ${selected.join(', ')} INTO ${table}
    FROM ${differing.table} AS d LEFT OUTER JOIN ${relations.old} AS o ON ${on('old')} LEFT OUTER JOIN ${relations.new} AS n ON ${on('new')}
    WHERE d.kind <> 'changed'${any}`;
}

/** True for the value that was stored: plainly, so that an index of the key can be used, and then in every respect. */
function sameStored(value: string, kept: string, type: Type): string {
  const [own, other] = [parts(value, type, type, 'strict'), parts(kept, type, type, 'strict')];
  const exact = own.map((part, at) => `${part} = ${other[at]}`);
  return own.length === 1 && own[0] === value
    ? exact.join(' AND ')
    : [...(isComparable(type) ? [`${value} = ${kept}`] : []), ...exact].join(' AND ');
}

function isComparable({ name }: Type): boolean {
  return !/^(text|ntext|image|xml|json|vector|geography|geometry|assembly)$/.test(name);
}

/** Rows without a key, as often as one side has them more often than the other. */
function surplusRows(gathered: GatheredRows, types: Types): string {
  const { table, differing, kept } = gathered;
  const { values } = differing;
  const image = imageOf(
    values.map(({ column }, at): Member => [column.name, `s${at}`, null]),
    gathered,
  );
  const keptValues = kept.flatMap(({ name }, at) => {
    const nr = values.findIndex(({ column }) => column.name === name);
    if (nr === -1) return [`NULL AS o${at}`, `NULL AS n${at}`];
    const on = (side: 'old' | 'new', kind: string) =>
      `CASE WHEN kind = '${kind}' THEN ${valueFrom(`s${nr}`, types[side].get(name) ?? text)} END`;
    return [`${on('old', 'removed')} AS o${at}`, `${on('new', 'added')} AS n${at}`];
  });
  const selected = [
    'kind',
    'surplus AS occurrences',
    `${image} AS image`,
    ...keptValues,
    'CONVERT(nvarchar(max), NULL) AS removed_key',
  ];
  return `SELECT ${selected.join(', ')} INTO ${table} FROM ${differing.table}`;
}

function imageOf(
  members: readonly Member[],
  { keepsImages }: Pick<GatheredRows, 'keepsImages'>,
): string {
  return keepsImages ? jsonObject(members) : textDigest(jsonObject(members));
}

function onBothSides({ name }: ComparedColumn): KeptColumn {
  return { name, old: true, new: true };
}

/** A JSON array of names. */
export function jsonNames(columns: readonly ComparedColumn[]): string {
  return `[${list(columns, ({ name }) => JSON.stringify(name), ',')}]`;
}
