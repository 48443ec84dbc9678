import { type Row, Session } from './connection.ts';
import { literal, type Place, qualified } from './names.ts';
import type { SnowflakeOptions } from './options.ts';

/** Credits that a warehouse takes in an hour (docs: "Virtual warehouse credit usage"; first generation, standard). */
const creditsAnHour: Readonly<Record<string, number>> = {
  'X-Small': 1,
  Small: 2,
  Medium: 4,
  Large: 8,
  'X-Large': 16,
  '2X-Large': 32,
  '3X-Large': 64,
  '4X-Large': 128,
  '5X-Large': 256,
  '6X-Large': 512,
};

/**
 * What the statements with this process's tag have scanned and taken, by the query history. Credits of a warehouse are
 * billed by its running time, not by statement: what is told is what the statements' own time would take.
 */
export async function costs(options: SnowflakeOptions, ledger: Place): Promise<readonly string[]> {
  if (!Session.hasWorked(options)) return [];
  return Session.use(options, { purpose: 'costs' }, async (session) => {
    const rows = await session.rows(
      `SELECT WAREHOUSE_NAME AS W, WAREHOUSE_SIZE AS S, COUNT(*) AS N, SUM(BYTES_SCANNED) AS B, SUM(TOTAL_ELAPSED_TIME) AS MS,
              SUM(CREDITS_USED_CLOUD_SERVICES) AS C
         FROM TABLE(${qualified(ledger.database, 'INFORMATION_SCHEMA')}.QUERY_HISTORY(RESULT_LIMIT => 10000))
        WHERE CONTAINS(QUERY_TAG, ${literal(options.run)})
        GROUP BY WAREHOUSE_NAME, WAREHOUSE_SIZE ORDER BY 1, 2`,
    );
    return rows.map(sentence);
  });
}

function sentence({ W, S, N, B, MS, C }: Row): string {
  const bytes = `${(Number(B ?? 0) / 1024 ** 2).toFixed(1)} MiB scanned`;
  const services = `${Number(C ?? 0).toFixed(4)} credits for cloud services`;
  const rate = creditsAnHour[String(S)];
  if (W === null || rate === undefined)
    return `Cost so far: ${N} statements without a warehouse, ${services}.`;
  const seconds = Number(MS) / 1000;
  const credits = `at most ${((seconds / 3600) * rate).toFixed(4)} credits of warehouse ${W} (${S}) for ${seconds.toFixed(1)} s`;
  return `Cost so far: ${N} statements, ${bytes}, ${credits}, ${services}.`;
}
