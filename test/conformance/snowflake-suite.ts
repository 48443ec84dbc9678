import { afterAll, beforeAll, describe } from '@jest/globals';
import { type SnowflakeDouble, startDouble } from '../support/snowflake-double/server.ts';
import { snowflake } from './snowflake.ts';
import { conformance, type Section } from './suite.ts';

/**
 * The suite on a double; on a real account when GREENLIGHT_TEST_SNOWFLAKE_ACCOUNT is set, with the connection's other
 * options from GREENLIGHT_TEST_SNOWFLAKE_<OPTION>. Its role makes databases there, and drops those only.
 */
export function conformSnowflake(level: 'database' | 'schema', only?: readonly Section[]): void {
  const real = connectionFrom(process.env);
  describe(real === null ? 'A double of Snowflake' : 'Snowflake', () => {
    let double: SnowflakeDouble | null = null;
    beforeAll(async () => {
      if (real !== null) return;
      double = await startDouble();
      double.addUser({
        name: 'TESTER',
        roles: ['ACCOUNTADMIN'],
        credential: { password: 'secret' },
      });
    });
    afterAll(() => double?.stop());
    conformance(
      `a ${level}`,
      snowflake(
        () =>
          real ?? {
            account: 'double',
            host: double?.url ?? '',
            user: 'TESTER',
            password: 'secret',
            warehouse: 'WH',
            // A process that was killed keeps what it holds for so long.
            lease: '3s',
          },
        level,
      ),
      only,
    );
  });
}

const prefix = 'GREENLIGHT_TEST_SNOWFLAKE_';

function connectionFrom(env: NodeJS.ProcessEnv): Record<string, string> | null {
  if (!env[`${prefix}ACCOUNT`]) return null;
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith(prefix) && value ? [[name.slice(prefix.length).toLowerCase(), value]] : [],
    ),
  );
}
