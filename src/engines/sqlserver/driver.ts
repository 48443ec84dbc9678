type Driver = Pick<
  typeof import('mssql'),
  'ConnectionPool' | 'Request' | 'Table' | 'TYPES' | 'MAX'
>;

let loaded: Promise<Driver> | undefined;

/** The driver, read when it is first used. */
export function loadDriver(): Promise<Driver> {
  loaded ??= import('mssql').then((found) =>
    'default' in found ? (found.default as Driver) : found,
  );
  return loaded;
}
