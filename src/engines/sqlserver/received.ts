import type { IColumnMetadata } from 'mssql';

type Column = IColumnMetadata[string];

/** A value as the session gives it. */
export type Received = string | boolean | null;

/**
 * A value of the driver as text, without a digit lost. The driver makes floating-point numbers of decimals and drops the
 * offset of a datetimeoffset: what has been lost there already is refused, never guessed.
 * @throws Error that names the column: the query has to read it as text.
 */
export function textOf(value: unknown, column: Column): Received {
  if (value === null || value === undefined) return null;
  const type = typeName(column);
  const text = texts[type]?.(value, column);
  if (text !== undefined) return text;
  throw new Error(
    `Column ${column.name} of type ${type.toLowerCase()} loses digits in the driver: the query has to convert it to text`,
  );
}

/** `NVarChar`: types of the driver are functions by that name. */
function typeName({ type }: Column): string {
  return typeof type === 'function' ? type.name : 'unknown';
}

const plain = (value: unknown): Received => String(value);
const bytes = (value: unknown): Received =>
  `0x${Buffer.from(value as Uint8Array)
    .toString('hex')
    .toUpperCase()}`;

const texts: Readonly<Record<string, (value: unknown, column: Column) => Received | undefined>> = {
  Bit: (value) => value === true || value === 1,
  TinyInt: plain,
  SmallInt: plain,
  Int: plain,
  BigInt: plain,
  Float: (value) => (Object.is(value, -0) ? '-0' : String(value)),
  Real: (value) => shortestReal(value as number),
  Decimal: shortDecimal,
  Numeric: shortDecimal,
  SmallMoney: (value) => (value as number).toFixed(4),
  Char: plain,
  NChar: plain,
  VarChar: plain,
  NVarChar: plain,
  Text: plain,
  NText: plain,
  Xml: plain,
  UniqueIdentifier: plain,
  Binary: bytes,
  VarBinary: bytes,
  Image: bytes,
  Date: (value) => dateOf(value as Date),
  SmallDateTime: (value) => `${dateOf(value as Date)} ${timeOf(value as Date, 0)}`,
  DateTime: (value) => `${dateOf(value as Date)} ${timeOf(value as Date, 3)}`,
  DateTime2: (value, { scale }) =>
    `${dateOf(value as Date)} ${timeOf(value as Date, scale ?? mostDigits)}`,
  Time: (value, { scale }) => timeOf(value as Date, scale ?? mostDigits),
};

/** Up to 15 digits a floating-point number tells every decimal from all others. */
function shortDecimal(value: unknown, { precision, scale }: Column): string | undefined {
  if (typeof value === 'string') return value;
  return precision !== undefined && precision <= 15 ? (value as number).toFixed(scale) : undefined;
}

/** As few digits as tell it from every other real. */
function shortestReal(value: number): string {
  if (Object.is(value, -0)) return '-0';
  for (let digits = 6; digits < 9; digits += 1) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}

const mostDigits = 7;

function dateOf(value: Date): string {
  return value.toISOString().slice(0, 10);
}

/** The driver keeps what is finer than a millisecond beside the date. */
function timeOf(value: Date, scale: number): string {
  const finer = (value as Date & { nanosecondsDelta?: number }).nanosecondsDelta ?? 0;
  const digits =
    value.toISOString().slice(20, 23) + String(Math.round(finer * 1e7)).padStart(4, '0');
  const whole = value.toISOString().slice(11, 19);
  return scale === 0 ? whole : `${whole}.${digits.slice(0, scale)}`;
}
