import pg from 'pg';

/** A connection to a database of the server that the PG* variables name. */
export async function connect(database) {
  const client = new pg.Client({ database });
  // The server may end the session: the next statement tells.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
