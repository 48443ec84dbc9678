import { list, sqlComment } from '../sql.ts';
import type { Session } from './connection.ts';
import { quote } from './names.ts';
import { stored, type Type } from './types.ts';
import { textOf } from './values.ts';

/** What is brought from a session of one database to that of another, which the server does not join. */
export interface Carrying {
  readonly about: string;
  /** As it stands after FROM. */
  readonly from: string;
  /** A temporary table that is not there yet, quoted. */
  readonly target: string;
  readonly types: readonly (readonly [name: string, type: Type])[];
  readonly signal: AbortSignal | undefined;
}

/** Some rows at a time: however many there are, few are in memory. */
export async function carryRows(
  reader: Session,
  worker: Session,
  { about, from, target, types, signal }: Carrying,
): Promise<void> {
  const comment = sqlComment(about);
  const names = types.map((_, at) => `t${at}`);
  const texts = quote('#greenlight texts');
  await worker.run(
    `${comment}CREATE TABLE ${texts} (${list(names, (name) => `${name} nvarchar(max) NULL`)})`,
  );
  const columns = list(types, ([own, type]) => carried(`one.${quote(own)}`, type));
  const pages = reader.stream(
    `${comment}SELECT ${columns} FROM ${from} AS one`,
    [],
    signal === undefined ? {} : { signal },
  );
  for await (const rows of pages)
    await worker.load(`tempdb..${texts}`, names, rows as readonly (string | null)[][]);
  const back = list(types, ([own, type], at) => `${carriedBack(`t${at}`, type)} AS ${quote(own)}`);
  await worker.run(`${comment}SELECT ${back} INTO ${target} FROM ${texts}; DROP TABLE ${texts}`);
}

/**
 * Values as texts on their way from a database that the server does not join: nothing of them is lost, which their texts
 * for people do not promise.
 */
function carried(value: string, type: Type): string {
  if (isCarriedAsBytes(type)) return `CONVERT(nvarchar(max), CONVERT(varbinary(max), ${value}), 1)`;
  if (type.name === 'float' || type.name === 'real') return `CONVERT(nvarchar(60), ${value}, 3)`;
  return textOf(value, type);
}

/** The value in the type that a temporary table keeps it in. */
function carriedBack(text: string, type: Type): string {
  if (isCarriedAsBytes(type)) {
    const bytes = `CONVERT(varbinary(max), ${text}, 1)`;
    return /^(geography|geometry|hierarchyid)$/.test(type.name)
      ? `CONVERT(${type.name}, ${bytes})`
      : stored(bytes, type);
  }
  const collated = type.collation === null ? text : `${text} COLLATE ${type.collation}`;
  if (/^(date|datetime|datetime2|datetimeoffset|smalldatetime|time)$/.test(type.name))
    return stored(text, type).replace(/\)$/, ', 121)');
  return stored(collated, type);
}

function isCarriedAsBytes({ name }: Type): boolean {
  return /^((var)?binary|image|rowversion|assembly|geography|geometry|hierarchyid)$/.test(name);
}

/** Why values of a type cannot be brought from one database to another; null when they can. */
export function cannotBeCarried({ name }: Type): string | null {
  return name === 'sql_variant'
    ? 'Azure SQL Database joins no databases, and a sql_variant loses its type on the way from one to the other'
    : null;
}
