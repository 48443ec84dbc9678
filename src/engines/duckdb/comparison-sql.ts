import type { ComparedColumn, RowTarget, TablePair } from '../engine.ts';
import { list } from '../sql.ts';
import { literal, quote } from './connection.ts';

/**
 * The statements of the comparison. Each side is read through a subquery that gives its columns the names v0, v1, ...
 * (the values as they are compared), so that no name of the user's can collide with ours:
 *
 *   (SELECT "amount" AS v0, "currency" AS v1 FROM "greenlight: old"."marts"."delay" WHERE rowid >= 0 AND rowid < 983040)
 */

/** The names under which the databases are attached. */
export const attached = {
  old: 'greenlight: old',
  new: 'greenlight: new',
  store: 'greenlight: store',
} as const;

/** What is read on each side: quoted relations, and whether `rowid` means DuckDB's own. */
export interface Sources {
  readonly old: string;
  readonly new: string;
  readonly hasRowid: boolean;
  /** Text columns compare byte by byte even where the table declares a collation. */
  readonly collated: boolean;
  readonly mode: TablePair['mode'];
}

/** Rows `from` up to but not `to` by DuckDB's row number; null: no bound. */
export interface Chunk {
  readonly from: number;
  readonly to: number | null;
}

/** Eight row groups of DuckDB's storage. */
export const rowsPerChunk = 8 * 122_880;

export function chunksOf(sources: Sources, rows: number): Chunk[] {
  if (!sources.hasRowid) return [{ from: 0, to: null }];
  const count = Math.max(1, Math.ceil(rows / rowsPerChunk));
  return Array.from({ length: count }, (_, at) => ({
    from: at * rowsPerChunk,
    to: at === count - 1 ? null : (at + 1) * rowsPerChunk,
  }));
}

/** A table of thousands of columns is read in groups of them: one statement could not be planned. */
export function columnGroups(columns: readonly ComparedColumn[]): ComparedColumn[][] {
  const size = 200;
  const count = Math.max(1, Math.ceil(columns.length / size));
  return Array.from({ length: count }, (_, at) => columns.slice(at * size, (at + 1) * size));
}

export function countRows(relation: string): string {
  return `SELECT count(*) AS rows FROM ${relation}`;
}

export function countNullKeys(relation: string, key: readonly string[]): string {
  return `SELECT count(*) AS nulls FROM ${relation} WHERE ${list(key, (name) => `${quote(name)} IS NULL`, ' OR ')}`;
}

export function countDuplicateKeys(
  sources: Sources,
  side: 'old' | 'new',
  key: readonly ComparedColumn[],
): string {
  return `SELECT count(*) AS duplicates FROM (
    SELECT 1 FROM ${read(sources, side, key, [])} AS s
    GROUP BY ${list(key, (_, at) => `v${at}`)} HAVING count(*) > 1)`;
}

/**
 * Rows whose key is not above the key of the row before them. None: the key is unique, and that is known from one pass
 * without a hash table. The table stands beside itself, shifted by one row.
 */
export function countNotIncreasing(
  sources: Sources,
  side: 'old' | 'new',
  key: readonly ComparedColumn[],
): string {
  const tuple = (alias: string) => `(${list(key, (_, at) => `${alias}.v${at}`)})`;
  const shifted = read(sources, side, key, [{ from: 1, to: null }]);
  return `SELECT count(*) FILTER (b.v0 IS NOT NULL AND (${tuple('a')} < ${tuple('b')}) IS NOT TRUE) AS not_increasing
    FROM ${read(sources, side, key, [])} AS a POSITIONAL JOIN ${shifted} AS b`;
}

/**
 * Rows of a chunk that do not stand beside a row with the same key. A side that has fewer rows is filled up with NULL,
 * which no key is.
 */
export function countMisaligned(
  sources: Sources,
  key: readonly ComparedColumn[],
  chunk: Chunk,
): string {
  const differs = list(key, (_, at) => `o.v${at} IS DISTINCT FROM n.v${at}`, ' OR ');
  return `SELECT count(*) FILTER (${differs}) AS misaligned
    FROM ${beside(sources, key, [chunk])}`;
}

/** c0, c1, ...: per column the rows in which it deviates, of rows that stand side by side. */
export function countByPosition(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunk: Chunk,
): string {
  // A table of nothing but its key.
  if (columns.length === 0) return 'SELECT 0 AS none';
  const counts = list(
    columns,
    (column, at) => `count(*) FILTER (${deviates(column, at)}) AS c${at}`,
  );
  return `SELECT ${counts} FROM ${beside(sources, columns, [chunk])}`;
}

/** By how many rows the two sides of a chunk differ. */
export function countUnpaired(sources: Sources, chunk: Chunk): string {
  const count = (side: 'old' | 'new') =>
    `(SELECT count(*) FROM ${read(sources, side, [], [chunk])})`;
  return `SELECT abs(${count('old')} - ${count('new')}) AS unpaired`;
}

/** added, removed, and c0, c1, ... over the rows that both sides have. */
export function countByJoin(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
): string {
  const counts = columns.map(
    (column, at) => `, count(*) FILTER (o.here AND n.here AND ${deviates(column, at)}) AS c${at}`,
  );
  return `SELECT count(*) FILTER (o.here IS NULL) AS added, count(*) FILTER (n.here IS NULL) AS removed${counts.join('')}
    FROM ${joined(sources, key, columns, chunks)}`;
}

/** Rows as often as one side has them more often than the other. */
export function countMultiset(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
): string {
  return `SELECT coalesce(sum(surplus) FILTER (surplus > 0), 0) AS added,
      coalesce(-sum(surplus) FILTER (surplus < 0), 0) AS removed
    FROM (${surplus(sources, columns, chunks)})`;
}

/** How deviating rows are found again, and which columns of them matter. */
export interface Deviating {
  readonly sources: Sources;
  readonly key: readonly ComparedColumn[] | null;
  /** Columns that deviate in rows that both sides have. */
  readonly dirty: readonly ComparedColumn[];
  /** All columns: the image of a row that only one side has. */
  readonly columns: readonly ComparedColumn[];
  /** Chunks whose rows stand side by side. */
  readonly aligned: readonly Chunk[];
  /** Chunks whose rows are joined, or counted as multisets. */
  readonly rest: readonly Chunk[];
}

/**
 * A temporary table `deviating` with one row for each deviating row: kind, occurrences, row_key and image as JSON
 * texts, and for each dirty column d0 (deviates), o0 (old value), n0 (new value), ...
 */
export function collectDeviating(deviating: Deviating): string {
  const { key, aligned, rest } = deviating;
  const parts =
    key === null
      ? [surplusRows(deviating)]
      : [
          ...aligned.map((chunk) => changedRows(deviating, key, chunk)),
          ...(rest.length > 0 ? [joinedRows(deviating, key)] : []),
        ];
  return `CREATE OR REPLACE TEMP TABLE deviating AS ${parts.join('\nUNION ALL\n')}`;
}

function changedRows(
  { sources, dirty }: Deviating,
  key: readonly ComparedColumn[],
  chunk: Chunk,
): string {
  const columns = [...dirty, ...key];
  const keyOf = (side: string) =>
    jsonObject(key.map(({ name }, at) => [name, `${side}.r${dirty.length + at}`]));
  return `SELECT 'changed' AS kind, 1 AS occurrences, ${keyOf('n')} AS row_key, NULL::VARCHAR AS image${pairsOf(dirty, 'true')}
    FROM ${beside(sources, columns, [chunk], { raw: true })} WHERE ${anyDeviates(dirty)}`;
}

function joinedRows(
  { sources, dirty, columns, rest }: Deviating,
  key: readonly ComparedColumn[],
): string {
  const all = [...dirty, ...columns];
  const image = (side: string) =>
    jsonObject(columns.map(({ name }, at) => [name, `${side}.r${dirty.length + at}`]));
  const keyAt = (name: string) =>
    dirty.length + columns.findIndex((column) => column.name === name);
  const keyOf = (side: string) =>
    jsonObject(key.map(({ name }) => [name, `${side}.r${keyAt(name)}`]));
  const on = list(key, ({ name }) => `o.v${keyAt(name)} = n.v${keyAt(name)}`, ' AND ');
  const changed = dirty.length === 0 ? '' : ` OR ${anyDeviates(dirty)}`;
  return `SELECT CASE WHEN o.here IS NULL THEN 'added' WHEN n.here IS NULL THEN 'removed' ELSE 'changed' END AS kind,
      1 AS occurrences, CASE WHEN n.here THEN ${keyOf('n')} ELSE ${keyOf('o')} END AS row_key,
      CASE WHEN o.here IS NULL THEN ${image('n')} WHEN n.here IS NULL THEN ${image('o')} END AS image${pairsOf(dirty, 'o.here AND n.here')}
    FROM ${read(sources, 'old', all, rest, { raw: true, here: true })} AS o FULL JOIN ${read(sources, 'new', all, rest, { raw: true, here: true })} AS n ON ${on}
    WHERE o.here IS NULL OR n.here IS NULL${changed}`;
}

function surplusRows({ sources, columns, rest }: Deviating): string {
  // Bytes that stand for a text are shown as the text.
  const shown = (column: ComparedColumn, at: number) =>
    isEncoded(column, sources) ? `decode(v${at})` : `v${at}`;
  const image = jsonObject(columns.map((column, at) => [column.name, shown(column, at)]));
  return `SELECT CASE WHEN surplus > 0 THEN 'added' ELSE 'removed' END AS kind, abs(surplus)::BIGINT AS occurrences,
      NULL::VARCHAR AS row_key, ${image} AS image FROM (${surplus(sources, columns, rest)})`;
}

/** Writes `deviating` into the store's table. $1: comparison, $2: name of the table. */
export function recordDeviating(
  dirty: readonly ComparedColumn[],
  { table, privacy }: RowTarget,
): string {
  const changedColumns = `CASE WHEN kind = 'changed' THEN concat('[', concat_ws(',', ${
    list(dirty, ({ name }, at) => `CASE WHEN d${at} THEN ${literal(JSON.stringify(name))} END`) ||
    "''"
  }), ']') END`;
  const values = (side: 'o' | 'n', mask: boolean) =>
    `CASE WHEN kind = 'changed' THEN concat('{', concat_ws(',', ${
      list(
        dirty,
        ({ name }, at) => `CASE WHEN d${at} THEN ${member(name, `${side}${at}`, mask)} END`,
      ) || "''"
    }), '}') WHEN kind = ${side === 'o' ? "'removed'" : "'added'"} THEN ${mask ? 'masked_image' : 'image'} END`;
  const shown = (side: 'o' | 'n') =>
    privacy === 'full' ? `${side}_values` : privacy === 'masked' ? `${side}_masked` : 'NULL';
  return `INSERT INTO ${stored(table)}
      (comparison, table_name, kind, row_key, columns, old_values, new_values, occurrences, fingerprint)
    SELECT $1, $2, kind, ${privacy === 'none' ? 'NULL' : 'row_key'}, columns, ${shown('o')}, ${shown('n')}, occurrences,
      sha256(concat_ws(chr(31), kind, coalesce(row_key, '-'), coalesce(columns, '-'), coalesce(o_values, '-'),
        coalesce(n_values, '-'), occurrences::VARCHAR))
    FROM (
      SELECT kind, row_key, occurrences, ${changedColumns} AS columns,
        ${values('o', false)} AS o_values, ${values('n', false)} AS n_values,
        ${privacy === 'masked' ? `${values('o', true)} AS o_masked, ${values('n', true)} AS n_masked` : '0'}
      FROM (SELECT *, ${privacy === 'masked' ? maskedImage : 'NULL'} AS masked_image FROM deviating))`;
}

function stored(table: string): string {
  return `${quote(attached.store)}.main.${quote(table)}`;
}

/** The values of an image masked, its names kept. */
const maskedImage = `(SELECT '{' || string_agg(to_json(entry.key)::VARCHAR || ':' ||
  CASE WHEN json_type(entry.value) = 'NULL' THEN 'null' ELSE ${jsonText(masked("json_extract_string(entry.value, '$')"))} END, ','
  ORDER BY entry.id) || '}' FROM json_each(image) AS entry)`;

/** What stands in the store for this table: counts by kind, and a digest that does not depend on the order of rows. */
export function summariseRecorded(table: string): string {
  return `SELECT coalesce(sum(occurrences) FILTER (kind = 'added'), 0) AS added,
      coalesce(sum(occurrences) FILTER (kind = 'removed'), 0) AS removed,
      coalesce(sum(occurrences) FILTER (kind = 'changed'), 0) AS changed, ${fingerprintOf('fingerprint')} AS fingerprint
    FROM ${stored(table)} WHERE comparison = $1 AND table_name = $2`;
}

/** From the digest of a row its values can be guessed; with `privacy: none` it does not stay. */
export function forgetFingerprints(table: string): string {
  return `UPDATE ${stored(table)} SET fingerprint = NULL WHERE comparison = $1 AND table_name = $2`;
}

/** The same digest over all rows of one relation. */
export function fingerprintRows(relation: string, columns: readonly string[]): string {
  const image = jsonObject(columns.map((name) => [name, quote(name)]));
  return `SELECT ${fingerprintOf('row_hash')} AS fingerprint FROM (SELECT sha256(${image}) AS row_hash FROM ${relation})`;
}

/**
 * SHA-256 over the sums of four 60-bit lanes of the rows' own SHA-256 values: the order of the rows does not matter,
 * how often each occurs does. Sums, never XOR, which would cancel pairs.
 */
function fingerprintOf(hash: string): string {
  const lane = (at: number) =>
    `coalesce(sum(('0x' || ${hash}[${at * 15 + 1}:${at * 15 + 15}])::BIGINT), 0)::VARCHAR`;
  return `sha256(concat_ws(' ', count(*)::VARCHAR, ${[0, 1, 2, 3].map(lane).join(', ')}))`;
}

/** How many columns one statement describes. */
export const describedAtOnce = 8;

/** For each dirty column, the first with number `from`, a description of its changes and how many of the `changed` rows it holds for. */
export function describeChanges(dirty: readonly ComparedColumn[], from: number): string {
  const columns = dirty.flatMap((column, index) => {
    const at = from + index;
    return [
      `count(*) FILTER (d${at}) AS total_${at}`,
      ...descriptionsOf(column).map(
        ({ holds }, nth) =>
          `count(*) FILTER (d${at} AND ${holds(`o${at}`, `n${at}`)}) AS p${at}_${nth}`,
      ),
      ...(hasDistance(column)
        ? [
            `min(TRY(n${at} - o${at})) FILTER (d${at})::VARCHAR AS low_${at}`,
            `max(TRY(n${at} - o${at})) FILTER (d${at})::VARCHAR AS high_${at}`,
            `count(TRY(n${at} - o${at})) FILTER (d${at}) AS distances_${at}`,
          ]
        : []),
    ];
  });
  return `SELECT ${columns.join(', ')} FROM deviating WHERE kind = 'changed'`;
}

export interface Description {
  readonly pattern: string;
  holds(old: string, new_: string): string;
}

/** From the most telling to the least. */
export function descriptionsOf({ oldType, newType }: ComparedColumn): Description[] {
  const always: Description[] = [
    { pattern: 'null to value', holds: (o) => `${o} IS NULL` },
    { pattern: 'value to null', holds: (_, n) => `${n} IS NULL` },
  ];
  if (oldType !== newType) return always;
  if (oldType === 'BOOLEAN') {
    return [
      ...always,
      { pattern: 'false to true', holds: (o, n) => `(NOT ${o} AND ${n})` },
      { pattern: 'true to false', holds: (o, n) => `(${o} AND NOT ${n})` },
    ];
  }
  if (isNumeric(oldType)) {
    return [
      ...always,
      // DuckDB negates an unsigned number by wrapping it around.
      ...(oldType.startsWith('U')
        ? []
        : [{ pattern: 'sign', holds: (o: string, n: string) => `TRY(-${o}) = ${n}` }]),
      ...[0, 1, 2].map((digits) => ({
        pattern: `rounding to ${digits} decimals`,
        holds: (o: string, n: string) => `round(${o}, ${digits}) = ${n}`,
      })),
    ];
  }
  if (oldType === 'VARCHAR') {
    return [
      ...always,
      {
        pattern: 'whitespace',
        // As bytes: a collation would call a change of case one of white space.
        holds: (o, n) =>
          `encode(regexp_replace(${o}, '\\s', '', 'g')) = encode(regexp_replace(${n}, '\\s', '', 'g'))`,
      },
      { pattern: 'case', holds: (o, n) => `lower(${o}) = lower(${n})` },
      { pattern: 'truncation', holds: (o, n) => `starts_with(${o}, ${n})` },
    ];
  }
  return always;
}

export function hasDistance({ oldType, newType }: ComparedColumn): boolean {
  return oldType === newType && (isNumeric(oldType) || isTemporal(oldType));
}

export function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([^)]*\))$/.test(type);
}

// ---------------------------------------------------------------------------------------------
// Parts

function beside(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
  also: Also = {},
): string {
  return `${read(sources, 'old', columns, chunks, also)} AS o POSITIONAL JOIN ${read(sources, 'new', columns, chunks, also)} AS n`;
}

function joined(
  sources: Sources,
  key: readonly ComparedColumn[],
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
): string {
  const all = [...columns, ...key];
  const on = list(key, (_, at) => `o.v${columns.length + at} = n.v${columns.length + at}`, ' AND ');
  return `${read(sources, 'old', all, chunks, { here: true })} AS o FULL JOIN ${read(sources, 'new', all, chunks, { here: true })} AS n ON ${on}`;
}

function surplus(
  sources: Sources,
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
): string {
  // A table without a column to compare is compared by its number of rows.
  const names = columns.length === 0 ? ['here'] : columns.map((_, at) => `v${at}`);
  return `SELECT ${names.join(', ')}, sum(side) AS surplus FROM (
      SELECT ${names.join(', ')}, 1 AS side FROM ${read(sources, 'new', columns, chunks)}
      UNION ALL
      SELECT ${names.join(', ')}, -1 AS side FROM ${read(sources, 'old', columns, chunks)})
    GROUP BY ${names.join(', ')} HAVING sum(side) <> 0`;
}

/** What a side gives besides v0, v1, ... */
interface Also {
  /** The values as they are stored: r0, r1, ... */
  readonly raw?: boolean;
  /** `here`, true for each row: NULL beyond an outer join. Not free, so only where it is needed. */
  readonly here?: boolean;
}

function read(
  sources: Sources,
  side: 'old' | 'new',
  columns: readonly ComparedColumn[],
  chunks: readonly Chunk[],
  { raw = false, here = columns.length === 0 }: Also = {},
): string {
  const values = columns.map((column, at) => `${compared(column, side, sources)} AS v${at}`);
  const rawValues = raw ? columns.map(({ name }, at) => `${quote(name)} AS r${at}`) : [];
  const selected = [...values, ...rawValues, ...(here ? ['true AS here'] : [])];
  return `(SELECT ${selected.join(', ')} FROM ${sources[side]}${whereChunks(chunks)})`;
}

function whereChunks(chunks: readonly Chunk[]): string {
  const bounds = chunks.map(({ from, to }) => {
    const tests = [
      ...(from > 0 ? [`rowid >= ${from}`] : []),
      ...(to === null ? [] : [`rowid < ${to}`]),
    ];
    return tests.length === 0 ? null : tests.join(' AND ');
  });
  if (bounds.length === 0 || bounds.includes(null)) return '';
  return ` WHERE ${bounds.map((bound) => `(${bound})`).join(' OR ')}`;
}

/** The value as it is compared: of the type that both sides share, in the representation that the mode asks for. */
function compared(column: ComparedColumn, side: 'old' | 'new', sources: Sources): string {
  const { name, oldType, newType } = column;
  const [own, other] = side === 'old' ? [oldType, newType] : [newType, oldType];
  const value = valueIn(quote(name), own, other, sources.mode);
  return isEncoded(column, sources) ? `encode(${value})` : value;
}

/** Byte by byte, whatever collation the table declares; a cast to text keeps it. */
function isEncoded({ oldType, newType }: ComparedColumn, { collated }: Sources): boolean {
  return collated && (oldType === 'VARCHAR' || newType === 'VARCHAR');
}

function valueIn(value: string, own: string, other: string, mode: Sources['mode']): string {
  if (own !== other) {
    if (isNumeric(own) && isNumeric(other)) return numberOf(value, own, other, mode);
    if (isTemporal(own) && isTemporal(other)) return instantOf(value, own, other);
    return `${value}::VARCHAR`;
  }
  // In strict mode -0.0 is not 0.0, and a month is not thirty days: their texts tell.
  return mode === 'strict' && /FLOAT|DOUBLE|INTERVAL/.test(own) ? `${value}::VARCHAR` : value;
}

/**
 * A number that meets one of another type. DuckDB's own common type may lose digits (BIGINT and DOUBLE) or not hold
 * the value at all (two DECIMALs): then the shortest text of the number is compared.
 */
function numberOf(value: string, own: string, other: string, mode: Sources['mode']): string {
  if (isFloat(own)) {
    const wide = isFloat(other) ? `${value}::DOUBLE` : value;
    if (mode === 'strict') return `${wide}::VARCHAR`;
    return isFloat(other)
      ? wide
      : `(CASE WHEN ${value} = 0 THEN 0::${own} ELSE ${value} END)::VARCHAR`;
  }
  if (isFloat(other)) {
    // By its text: DuckDB's cast of a long DECIMAL is a division, which errs in the last bit.
    const near = `TRY_CAST(${value}::VARCHAR AS ${other})::VARCHAR`;
    return `CASE WHEN TRY_CAST(${near} AS ${own}) = ${value} THEN ${near} ELSE ${value}::VARCHAR END`;
  }
  const [a, b] = [digitsOf(own), digitsOf(other)];
  const integers = a.scale + b.scale === 0;
  const fits = Math.max(a.whole, b.whole) + Math.max(a.scale, b.scale) <= 38;
  const onlyOneIsHuge =
    integers && !(/HUGE/.test(own) && /HUGE/.test(other)) && !/DECIMAL/.test(own + other);
  if (fits || onlyOneIsHuge) return value;
  return a.scale === 0 ? `${value}::VARCHAR` : `rtrim(rtrim(${value}::VARCHAR, '0'), '.')`;
}

function isFloat(type: string): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}

/** How many digits an exact number can have before and behind its point. */
function digitsOf(type: string): { whole: number; scale: number } {
  const [, width = '', scale = ''] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type) ?? [];
  if (width !== '') return { whole: Number(width) - Number(scale), scale: Number(scale) };
  const whole = [
    ['TINY', 3],
    ['SMALL', 5],
    ['BIG', 20],
    ['HUGE', 39],
  ] as const;
  return { whole: whole.find(([part]) => type.includes(part))?.[1] ?? 10, scale: 0 };
}

function isTemporal(type: string): boolean {
  return /^(DATE|TIMESTAMP(_NS|_MS|_S| WITH TIME ZONE)?)$/.test(type);
}

/** Nanoseconds hold the years from 1677 to 2262 only: against another type their text is compared. */
function instantOf(value: string, own: string, other: string): string {
  if (own === 'TIMESTAMP_NS') return `${value}::VARCHAR`;
  return other === 'TIMESTAMP_NS' ? `${value}::TIMESTAMP::VARCHAR` : value;
}

function deviates({ tolerance, oldType, newType }: ComparedColumn, at: number): string {
  const [o, n] = [`o.v${at}`, `n.v${at}`];
  if (tolerance === null) return `${o} IS DISTINCT FROM ${n}`;
  // Between exact numbers the distance is exact; where it overflows, it is beyond every tolerance.
  const exact = oldType === newType && !isFloat(oldType);
  const distance = exact
    ? `TRY(greatest(${o}, ${n}) - least(${o}, ${n}))::DOUBLE`
    : `abs(${n}::DOUBLE - ${o}::DOUBLE)`;
  const limit =
    'absolute' in tolerance
      ? `${tolerance.absolute}`
      : `${tolerance.relative} * greatest(abs(${o}::DOUBLE), abs(${n}::DOUBLE))`;
  const finite = `isfinite(${o}::DOUBLE) AND isfinite(${n}::DOUBLE)`;
  return `(${o} IS DISTINCT FROM ${n} AND NOT coalesce(${finite} AND ${distance} <= ${limit}, false))`;
}

function anyDeviates(columns: readonly ComparedColumn[]): string {
  return columns.length === 0 ? 'false' : `(${list(columns, deviates, ' OR ')})`;
}

/** `both`: the condition under which both sides have the row. */
function pairsOf(dirty: readonly ComparedColumn[], both: string): string {
  return dirty
    .map(
      (column, at) =>
        `, coalesce(${both} AND ${deviates(column, at)}, false) AS d${at}, o.r${at} AS o${at}, n.r${at} AS n${at}`,
    )
    .join('');
}

/** A JSON object of texts, built in SQL: values keep the engine's own text, so no number loses a digit. */
function jsonObject(members: readonly (readonly [name: string, value: string])[]): string {
  const parts = members.map(
    ([name, value], at) => `${at > 0 ? "',', " : ''}${member(name, value, false)}`,
  );
  return `concat('{', ${[...parts, "'}'"].join(', ')})`;
}

function member(name: string, value: string, mask: boolean): string {
  const text = `${value}::VARCHAR`;
  return `concat(${literal(`${JSON.stringify(name)}:`)}, coalesce(${jsonText(mask ? masked(text) : text)}, 'null'))`;
}

function jsonText(text: string): string {
  return `to_json(${text})::VARCHAR`;
}

/** Letters, and the marks that are written with them, become x, digits 9: length and shape stay, the value goes. */
function masked(text: string): string {
  return `regexp_replace(regexp_replace(${text}, '[\\p{L}\\p{M}]', 'x', 'g'), '\\p{N}', '9', 'g')`;
}
