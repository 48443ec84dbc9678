import type { SnowflakeOptions } from './options.ts';

interface Warning {
  readonly what: string;
  readonly help: string;
}

/** What works today, and should not stay so. */
export function warningsOf({ login }: SnowflakeOptions): Warning[] {
  if (login.authenticator !== 'SNOWFLAKE') return [];
  return [
    {
      what: 'The login is by a password alone, which Snowflake is ending for services.',
      help: 'Use a key pair, a programmatic access token or the identity of the CI job (docs/snowflake.md).',
    },
  ];
}
