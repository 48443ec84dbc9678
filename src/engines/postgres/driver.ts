type Driver = Pick<typeof import('pg'), 'Client'> &
  Pick<typeof import('pg-copy-streams'), 'from' | 'to'>;

let loaded: Promise<Driver> | undefined;

/** The driver and its COPY streams, read when they are first used. */
export function loadDriver(): Promise<Driver> {
  loaded ??= Promise.all([import('pg'), import('pg-copy-streams')]).then(
    ([{ Client }, { from, to }]) => ({ Client, from, to }),
  );
  return loaded;
}
