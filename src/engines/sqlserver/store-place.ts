import { Session } from './connection.ts';
import { numbersBehind } from './errors.ts';
import { literal, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { byCode } from './values.ts';

/** The store's tables stand in the schema that every database has. */
export const storeSchema = 'dbo';

/** Makes the ledger's database; several processes may do so at the same time. It orders texts by their codes. */
export async function createStore(database: string, options: SqlserverOptions): Promise<void> {
  const about = { purpose: 'make the ledger' };
  await Session.use('master', options, about, async (session) => {
    try {
      await session.run(`CREATE DATABASE ${quote(database)} COLLATE ${byCode}`);
    } catch (error) {
      // Another process was faster.
      if (!numbersBehind(error).includes(1801)) throw error;
      return;
    }
    // Readers wait for no writer, and see one instant. In Azure that is so from the beginning.
    await session
      .run(
        `IF CONVERT(int, SERVERPROPERTY('EngineEdition')) <> 5
         BEGIN
           EXECUTE (${literal(`ALTER DATABASE ${quote(database)} SET ALLOW_SNAPSHOT_ISOLATION ON`)});
           EXECUTE (${literal(`ALTER DATABASE ${quote(database)} SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE`)});
         END`,
      )
      .catch(() => undefined);
  });
}
