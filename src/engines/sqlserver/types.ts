import { literal, qualified } from './names.ts';

/** What a type is, as far as comparing its values asks for it. Alias types are the types that they are made of. */
export interface Type {
  /** SQL Server's own: `decimal`, `nvarchar`, `geography`; `assembly` for a type of the user's that is made of code. */
  readonly name: string;
  /** Characters or bytes; null: up to 2 GB, or it has no length. */
  readonly length: number | null;
  readonly precision: number;
  readonly scale: number;
  /** Of texts only. */
  readonly collation: string | null;
}

/** The type of a value of which nothing else is known. */
export const text: Type = {
  name: 'nvarchar',
  length: null,
  precision: 0,
  scale: 0,
  collation: null,
};

/** Of a column that the clients encrypt (Always Encrypted): the server takes it in no expression. */
export const encrypted: Type = { ...text, name: 'encrypted' };

/** Schema and name of a relation of a database: its columns in their order, those that `SELECT *` leaves out too. */
export function columnsOfRelation(database: string, schema: string, name: string): string {
  const sys = (view: string) => qualified(database, 'sys', view);
  return `SELECT c.name, t.name AS type, c.max_length, c.precision, c.scale, c.collation_name, c.is_hidden, c.encryption_type
    FROM ${sys('all_columns')} AS c JOIN ${sys('all_objects')} AS o ON o.object_id = c.object_id
      JOIN ${sys('schemas')} AS s ON s.schema_id = o.schema_id
      LEFT JOIN ${sys('types')} AS t ON t.user_type_id = CASE WHEN c.system_type_id = 240 THEN c.user_type_id ELSE c.system_type_id END
        AND (c.system_type_id <> 240 OR t.is_user_defined = 0)
    WHERE s.name = ${literal(schema)} AND o.name = ${literal(name)} ORDER BY c.column_id`;
}

/** A row of `columnsOfRelation`, or of a temporary table's columns. */
export function typeOf(row: Readonly<Record<string, unknown>>): Type {
  if (row.encryption_type !== null && row.encryption_type !== undefined) return encrypted;
  const name = row.type === null ? 'assembly' : String(row.type).toLowerCase();
  const bytes = Number(row.max_length);
  const isWide = name === 'nchar' || name === 'nvarchar' || name === 'sysname';
  return {
    name: name === 'sysname' ? 'nvarchar' : name === 'timestamp' ? 'rowversion' : name,
    length: hasLength(name) && bytes !== -1 ? (isWide ? bytes / 2 : bytes) : null,
    precision: Number(row.precision),
    scale: Number(row.scale),
    collation: row.collation_name === null ? null : String(row.collation_name),
  };
}

function hasLength(name: string): boolean {
  return /^(n?(var)?char|sysname|(var)?binary)$/.test(name);
}

/** A type as the catalog writes it: `decimal(10,2)`, `nvarchar(max)`, `datetime2(7)`. */
export function typeNamed(written: string): Type {
  const [, name = written, first, second] =
    /^\s*(?:\[?sys\]?\.)?\[?([\w ]+?)\]?\s*(?:\(\s*(max|\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*(?:collate\b.*)?$/i.exec(
      written,
    ) ?? [];
  const base = name.toLowerCase();
  const number = first === undefined || /max/i.test(first) ? null : Number(first);
  const isExact = base === 'decimal' || base === 'numeric';
  const own = base === 'sysname' ? 'nvarchar' : base === 'timestamp' ? 'rowversion' : base;
  return {
    name: own,
    length: hasLength(own) ? (base === 'sysname' ? 128 : number) : null,
    precision: isExact ? (number ?? 18) : 0,
    scale: isExact ? Number(second ?? 0) : hasFraction(base) ? (number ?? 7) : 0,
    collation: null,
  };
}

function hasFraction(name: string): boolean {
  return /^(datetime2|datetimeoffset|time)$/.test(name);
}

/** As it is written in SQL, for a column that keeps every value of the type; a fixed length becomes the longest one. */
export function storedAs(type: Type): string {
  const { name, length, precision, scale } = type;
  switch (name) {
    case 'char':
    case 'varchar':
      return `varchar(${length ?? 'max'})`;
    case 'nchar':
    case 'nvarchar':
      return `nvarchar(${length ?? 'max'})`;
    case 'binary':
    case 'varbinary':
      return `varbinary(${length ?? 'max'})`;
    case 'text':
      return 'varchar(max)';
    case 'ntext':
    case 'vector': // its number of dimensions is part of the type, and its text says all
      return 'nvarchar(max)';
    case 'image':
    case 'assembly':
      return 'varbinary(max)';
    case 'rowversion':
      return 'binary(8)';
    case 'decimal':
    case 'numeric':
      return `${name}(${precision},${scale})`;
    case 'datetime2':
    case 'datetimeoffset':
    case 'time':
      return `${name}(${scale})`;
    default:
      return name;
  }
}

/** The value in the type that `storedAs` names: what a temporary table can hold, whatever database it comes from. */
export function stored(value: string, type: Type): string {
  return `CONVERT(${storedAs(type)}, ${value})`;
}

// ---------------------------------------------------------------------------------------------
// Kinds of types

export function isInteger({ name }: Type): boolean {
  return /^(tinyint|smallint|int|bigint|bit)$/.test(name);
}

export function isFloat({ name }: Type): boolean {
  return name === 'float' || name === 'real';
}

/** Numbers without an error: what they hold is a whole number of units. */
export function isExactNumber(type: Type): boolean {
  return isInteger(type) || /^(decimal|numeric|money|smallmoney)$/.test(type.name);
}

export function isNumber(type: Type): boolean {
  return isExactNumber(type) || isFloat(type);
}

/** How many digits an exact number can have before and behind its point. */
export function digitsOf({ name, precision, scale }: Type): { whole: number; scale: number } {
  if (name === 'decimal' || name === 'numeric') return { whole: precision - scale, scale };
  if (name === 'money') return { whole: 15, scale: 4 };
  if (name === 'smallmoney') return { whole: 6, scale: 4 };
  return { whole: { bit: 1, tinyint: 3, smallint: 5, int: 10 }[name] ?? 19, scale: 0 };
}

export function isInstant({ name }: Type): boolean {
  return /^(date|smalldatetime|datetime|datetime2|datetimeoffset)$/.test(name);
}

export function isText({ name }: Type): boolean {
  return /^(n?(var)?char|n?text)$/.test(name);
}

/** One or two bytes a character, by the code page of the collation. */
export function isNarrow({ name }: Type): boolean {
  return /^((var)?char|text)$/.test(name);
}

export function isBytes({ name }: Type): boolean {
  return /^((var)?binary|image)$/.test(name);
}

export function isFixedLength({ name }: Type): boolean {
  return /^(n?char|binary)$/.test(name);
}
