import { locationOf, type Place } from './names.ts';

/**
 * How a variable leads a command to live: it is the name, or tells how to connect. The name within other texts means
 * nothing: a database is often called what its project, and so its folders are.
 */
export function tracesOf({ database, schema }: Place): RegExp[] {
  const connection = [toDatabase(database)];
  // With another schema, the same database is the right one.
  if (schema === null) return [exactly(database), ...connection];
  const location = locationOf({ database, schema, server: null });
  return [
    exactly(schema),
    exactly(`${database}.${schema}`),
    exactly(location),
    toSchema(schema),
  ].concat(
    // One without a schema leads to whatever the database's search path says.
    connection,
  );
}

function exactly(name: string): RegExp {
  return new RegExp(`^\\s*["']?${verbatim(name)}["']?\\s*$`, 'u');
}

/** What ends a name in a URL, a list of options, or JSON. */
const end = `(?=$|["'\\s;&?#,}])`;

/** `postgres://host/shop`, `dbname=shop`, `"database": "shop"`, `jdbc:postgresql:shop`. */
function toDatabase(database: string): RegExp {
  const name = verbatim(database);
  const url = `(?<![\\p{L}\\d])(?!https?:|ssh:|git:|file:)[a-z][a-z\\d+.-]*://[^/\\s]*/${name}${end}`;
  const option = `(?:dbname|database|initial catalog|db)["']?\\s*[=:]\\s*["']?${name}${end}`;
  return new RegExp(`${url}|${option}|postgresql:${name}${end}`, 'iu');
}

/** `search_path=public,sales`, `currentSchema=sales`. */
function toSchema(schema: string): RegExp {
  return new RegExp(
    `schema["']?\\s*[=:]\\s*["']?${verbatim(schema)}${end}|search_path["']?\\s*[=:]\\s*(?:[^;&\\s]*[,"'])?${verbatim(schema)}${end}`,
    'iu',
  );
}

function verbatim(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
