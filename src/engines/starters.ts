import type { EngineName } from './names.ts';

/** What a first greenlight.yml says of an engine. */
export interface Starter {
  /** Endings of the files that may be a live database; null: live is no file. */
  readonly files: RegExp | null;
  /** Lines of YAML, after `live`. */
  readonly lines: string;
}

/** By engine. Read without loading any of them. */
export const starters: Readonly<Record<EngineName, Starter>> = {
  duckdb: {
    files: /\.(duckdb|ddb|db)$/,
    lines: `# Greenlight's own records: a file of its own, so that nothing is written to live.
ledger: greenlight.duckdb`,
  },
  postgres: {
    files: null,
    lines: `# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from PGHOST, PGPORT, PGUSER and PGPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}", sslmode: verify-full }`,
  },
  snowflake: {
    files: null,
    lines: `# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Account, user, role, warehouse and key come from SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER, SNOWFLAKE_ROLE, SNOWFLAKE_WAREHOUSE
# and SNOWFLAKE_PRIVATE_KEY_PATH, or stand here, secrets as variables. In a CI job its identity is enough:
# connection: { account: my_org-my_account, user: release, role: release_role, warehouse: release_wh, authenticator: WORKLOAD_IDENTITY }`,
  },
  sqlserver: {
    files: null,
    lines: `# Greenlight's own records: a database of its own, so that nothing is written to live.
ledger: greenlight

# Host, user and password come from SQLCMDSERVER, SQLCMDUSER and SQLCMDPASSWORD, or stand here, secrets as variables:
# connection: { host: db.example, user: release, password: "\${DB_PASSWORD}" }
# In Azure without any secret, after azure/login: connection: { host: name.database.windows.net, auth: entra-default }`,
  },
};
