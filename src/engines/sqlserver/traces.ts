/**
 * How a variable leads a command to live: it is the name, or tells how to connect. The name within other texts means
 * nothing: a database is often called what its project, and so its folders are.
 */
export function tracesOf(database: string): RegExp[] {
  return [exactly(database), toDatabase(database)];
}

function exactly(name: string): RegExp {
  return new RegExp(`^\\s*["'[]?${verbatim(name)}["'\\]]?\\s*$`, 'iu');
}

/** What ends a name in a URL, a list of options, or JSON. */
const end = `(?=$|["'\\s;&?#,}\\]])`;

/** `Database=shop;`, `Initial Catalog=shop`, `databaseName=shop` (JDBC), `sqlserver://host/shop`, `"database": "shop"`. */
function toDatabase(database: string): RegExp {
  const name = verbatim(database);
  const url = `(?<![\\p{L}\\d])(?:mssql|sqlserver)[\\w+.-]*://[^/\\s;]*/${name}${end}`;
  const option = `(?:database(?:name)?|initial catalog|dbname|db)["']?\\s*[=:]\\s*["'[{]?${name}${end}`;
  return new RegExp(`${url}|${option}`, 'iu');
}

function verbatim(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
