import type { Session } from './connection.ts';
import { literal, quote } from './names.ts';

/** What a right comes to, in the database of the session or, with null, on the server. */
export async function may(
  session: Session,
  database: string | null,
  right: string,
): Promise<boolean> {
  const of = database === null ? `NULL, NULL` : `${literal(quote(database))}, N'DATABASE'`;
  const { granted } = await session.row(`SELECT HAS_PERMS_BY_NAME(${of}, @p1) AS granted`, [right]);
  return granted !== null && Number(granted) === 1;
}

export async function isIn(session: Session, role: string): Promise<boolean> {
  const { member } = await session.row(`SELECT IS_ROLEMEMBER(@p1) AS member`, [role]);
  return member !== null && Number(member) === 1;
}
