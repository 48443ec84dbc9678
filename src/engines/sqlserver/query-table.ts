import { UsageError } from '../../errors.ts';
import { list } from '../sql.ts';
import type { Session } from './connection.ts';
import { literal } from './names.ts';
import type { Received } from './received.ts';

/** The rows of a query that a person wrote. */
export interface QueryTable {
  readonly columns: readonly string[];
  /** In SQL Server's words: `decimal(10,2)`. */
  readonly types: readonly string[];
  readonly rows: readonly (readonly Received[])[];
}

/**
 * SQL Server itself converts what the driver would round: it is told to give the result with other types (EXECUTE ...
 * WITH RESULT SETS), which leaves the query as it was written.
 * @throws UsageError for a column of a type that has no text of its own.
 */
export async function readQuery(
  session: Session,
  query: string,
  signal?: AbortSignal,
): Promise<QueryTable> {
  const described = await session.rows(
    `EXECUTE sys.sp_describe_first_result_set @tsql = ${literal(query)}`,
    [],
    signal,
  );
  const columns = described.filter(({ is_hidden }) => is_hidden !== true);
  const types = columns.map(({ system_type_name, user_type_name }) =>
    String(system_type_name ?? user_type_name),
  );
  const unreadable = types.findIndex((type) => carriers[baseOf(type)] === null);
  if (unreadable >= 0) {
    throw new UsageError({
      what: `A column of type ${types[unreadable]} has no text of its own.`,
      where: `column ${columns[unreadable]?.name ?? unreadable + 1}`,
      help: 'Convert it in the query: CAST(... AS nvarchar(max)), or .ToString() for geography, geometry and hierarchyid.',
    });
  }
  const carried = list(types, (type, at) => `c${at + 1} ${carriers[baseOf(type)] ?? type} NULL`);
  const { rows } = await session.rowSet(
    types.length === 0
      ? `EXECUTE (${literal(query)})`
      : `EXECUTE (${literal(query)}) WITH RESULT SETS ((${carried}))`,
    [],
    signal,
  );
  return {
    columns: columns.map(({ name }) => String(name ?? '')),
    types,
    rows: rows.map((row) => row.map((value, at) => decoded(value, baseOf(types[at] ?? '')))),
  };
}

/** As what a type travels; null: as nothing. All others travel as themselves. */
const carriers: Readonly<Record<string, string | null>> = {
  decimal: 'nvarchar(60)',
  numeric: 'nvarchar(60)',
  // As text it would have two decimals of its four.
  money: 'varbinary(8)',
  smallmoney: 'varbinary(8)',
  datetimeoffset: 'nvarchar(60)',
  // The code page of a column is not that of the result.
  char: 'nvarchar(max)',
  varchar: 'nvarchar(max)',
  text: 'nvarchar(max)',
  ntext: 'nvarchar(max)',
  timestamp: 'varbinary(8)',
  sql_variant: null,
  geography: null,
  geometry: null,
  hierarchyid: null,
};

function baseOf(type: string): string {
  return (/[a-z_0-9]+(?=\(|$)/i.exec(type)?.[0] ?? type).toLowerCase();
}

/** Money is a whole number of ten-thousandths. */
function decoded(value: Received, type: string): Received {
  if (typeof value !== 'string' || (type !== 'money' && type !== 'smallmoney')) return value;
  const bits = (value.length - 2) * 4;
  const units = BigInt.asIntN(bits, BigInt(value));
  const digits = (units < 0n ? -units : units).toString().padStart(5, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
