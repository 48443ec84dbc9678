import { toNumber } from './counts.ts';
import type { StoreRow, StoreTable } from './engine.ts';

/** What is the same in every engine about the rows of a store. */

/** A value of a column, as it is bound. */
export function boundValue(
  table: StoreTable,
  column: string,
  value: unknown,
): string | bigint | boolean | null {
  if (value === null || value === undefined) return null;
  switch (table.columns[column]) {
    case 'integer':
      return BigInt(value as number);
    case 'boolean':
      return value as boolean;
    case 'json':
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** How the engine's own values become what the ledger has. */
export interface StoredValues {
  /** In ISO 8601. */
  instant(text: string): string;
  /** As 32 digits; default: as it is. */
  fingerprint?(value: unknown): string;
}

export function storeRowOf(
  table: StoreTable,
  row: Readonly<Record<string, unknown>>,
  { instant, fingerprint }: StoredValues,
): StoreRow {
  const converted = Object.entries(table.columns).map(([column, type]) => {
    const value = row[column];
    if (value === null || value === undefined) return [column, null];
    if (type === 'integer') return [column, toNumber(value)];
    if (type === 'json') return [column, JSON.parse(String(value))];
    if (type === 'instant') return [column, instant(String(value))];
    if (type === 'fingerprint' && fingerprint !== undefined) return [column, fingerprint(value)];
    return [column, value];
  });
  return Object.fromEntries(converted);
}
