import type { Place } from './names.ts';
import type { PostgresOptions } from './options.ts';

export async function exchangeSchemas(
  _places: { readonly live: Place; readonly incoming: Place; readonly kept: Place },
  _options: PostgresOptions,
): Promise<void> {
  throw new Error('exchangeSchemas: not built yet');
}
