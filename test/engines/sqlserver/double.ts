import { jest } from '@jest/globals';
import { Double, type DoubleOptions } from '../../support/sqlserver-double/server.ts';

// Every import of the driver below gives the double: see test/support/sqlserver-double/README.md.
jest.unstable_mockModule('mssql', () => import('../../support/sqlserver-double/driver.ts'));

const { readOptions } = await import('../../../src/engines/sqlserver/options.ts');

let servers = 0;

/** A server of its own, and how the engine reaches it. */
export function startDouble(
  how: DoubleOptions = {},
  connection: Readonly<Record<string, string | number | boolean>> = {},
) {
  servers += 1;
  const host = `double-${servers}`;
  const double = new Double(host, how);
  const options = readOptions(
    { connection: { host, user: 'release', password: 'secret', ...connection }, root: '/' },
    {},
  );
  return { double, options };
}

export function ordersOf(rows: readonly string[], tracked?: number) {
  return {
    schema: 'dbo',
    name: 'orders',
    columns: [
      { name: 'id', type: 'int' },
      { name: 'amount', type: 'decimal' },
    ],
    rows,
    ...(tracked === undefined ? {} : { tracked }),
  };
}
