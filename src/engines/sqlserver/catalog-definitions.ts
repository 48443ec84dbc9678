import type { Catalog, Definition } from '../engine.ts';
import type { Session } from './connection.ts';

/**
 * Which databases the stored texts name. What the server itself has understood stands in sys.sql_expression_dependencies
 * and in synonyms; a text that is put together when it runs is looked through for `name.schema.` of every database there is.
 */
export async function readDefinitions(
  session: Session,
  { relations, objects }: Pick<Catalog, 'relations' | 'objects'>,
): Promise<Definition[]> {
  const bound = await boundDatabases(session);
  const known = (await session.rows(`SELECT d.name AS name FROM sys.databases AS d`)).map(
    ({ name }) => String(name),
  );
  const all = [
    ...relations.flatMap(({ schema, name, definition }) =>
      definition === null ? [] : [{ kind: 'view', name: `${schema}.${name}`, text: definition }],
    ),
    ...objects.flatMap(({ kind, name, definition }) =>
      withTexts.has(kind) ? [{ kind, name, text: definition }] : [],
    ),
  ];
  return all.map(({ kind, name, text }) => ({
    kind,
    name,
    text,
    databases: [
      ...new Set([
        ...(bound.get(name) ?? []),
        ...known.filter((database) => names(text, database)),
      ]),
    ].sort(),
  }));
}

/** Kinds of objects whose texts are SQL, or lead somewhere. */
const withTexts = new Set([
  'procedure',
  'function',
  'trigger',
  'database trigger',
  'synonym',
  'check',
  'default',
  'column',
  'security policy',
]);

async function boundDatabases(session: Session): Promise<Map<string, Set<string>>> {
  const rows = await session.rows(
    `SELECT OBJECT_SCHEMA_NAME(d.referencing_id) + N'.' + OBJECT_NAME(d.referencing_id) AS name, d.referenced_database_name COLLATE DATABASE_DEFAULT AS [database]
       FROM sys.sql_expression_dependencies AS d WHERE d.referenced_database_name IS NOT NULL AND d.referencing_class = 1
     UNION
     SELECT SCHEMA_NAME(y.schema_id) + N'.' + y.name, PARSENAME(y.base_object_name, 3) COLLATE DATABASE_DEFAULT
       FROM sys.synonyms AS y WHERE PARSENAME(y.base_object_name, 3) IS NOT NULL`,
  );
  const bound = new Map<string, Set<string>>();
  for (const { name, database } of rows) {
    const own = bound.get(String(name)) ?? new Set();
    bound.set(String(name), own.add(String(database)));
  }
  return bound;
}

/** `shop.dbo.orders`, `[shop]..orders`, `"shop".dbo.orders`, `USE shop`. */
function names(text: string, database: string): boolean {
  const name = database.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const written = `(?:\\[${name.replaceAll('\\]', '\\]\\]')}\\]|"${name}"|(?<![\\w@#$.\\]"])${name})`;
  return new RegExp(
    `${written}\\s*\\.\\s*(?:\\[[^\\]]*\\]|"[^"]*"|[\\w@#$]*)\\s*\\.|\\buse\\s+${written}(?![\\w@#$])`,
    'iu',
  ).test(text);
}
