type Driver = Pick<typeof import('pg'), 'Client'> & Pick<typeof import('pg-copy-streams'), 'from'>;

let loaded: Promise<Driver> | undefined;

/** The driver and its stream for COPY, read when they are first used. */
export function loadDriver(): Promise<Driver> {
  loaded ??= Promise.all([import('pg'), import('pg-copy-streams')]).then(
    ([{ Client }, { from }]) => ({ Client, from }),
  );
  return loaded;
}
