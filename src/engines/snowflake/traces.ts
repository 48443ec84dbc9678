import { locationOf, type Place, plain } from './names.ts';

/**
 * How a variable leads a command to live: it is the name, or tells how to connect. The name within other texts means
 * nothing: a database is often called what its project, and so its folders are.
 */
export function tracesOf({ database, schema }: Place): RegExp[] {
  if (schema === null) return [exactly(database), toDatabase(database)];
  // With another schema, the same database is the right one; without any, it leads to the user's default.
  return [
    exactly(schema),
    exactly(`${database}.${schema}`),
    exactly(locationOf({ database, schema })),
    toSchema(database, schema),
  ];
}

function exactly(name: string): RegExp {
  return new RegExp(`^\\s*["']?${verbatim(name)}["']?\\s*$`, flagsFor(name));
}

/** What ends a name in a URL, a list of options, or JSON. */
const end = `(?=$|["'\\s;&?#,}/])`;

/** `snowflake://user@account/shop/public`, `db=shop`, `"database": "shop"`. */
function toDatabase(database: string): RegExp {
  const name = verbatim(database);
  const url = `snowflake://[^/\\s]*/${name}${end}`;
  const option = `(?:dbname|database|databaseName|db)["']?\\s*[=:]\\s*["']?${name}${end}`;
  return new RegExp(`${url}|${option}`, 'iu');
}

/** `snowflake://user@account/shop/sales`, `schema=sales`. */
function toSchema(database: string, schema: string): RegExp {
  const url = `snowflake://[^/\\s]*/${verbatim(database)}/${verbatim(schema)}${end}`;
  return new RegExp(`${url}|schema(?:Name)?["']?\\s*[=:]\\s*["']?${verbatim(schema)}${end}`, 'iu');
}

/** A plain name is the same in any case. */
function flagsFor(name: string): string {
  return plain(name) === name ? 'iu' : 'u';
}

function verbatim(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
