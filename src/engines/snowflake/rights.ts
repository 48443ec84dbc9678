import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { quote } from './names.ts';

/** What a role may do, by itself and by the roles that it has. */
export class Rights {
  readonly role: string;
  readonly #roles: ReadonlySet<string>;
  readonly #grants: readonly Row[];

  private constructor(role: string, roles: ReadonlySet<string>, grants: readonly Row[]) {
    this.role = role;
    this.#roles = roles;
    this.#grants = grants;
  }

  /** Of the role of the session, or of another one. */
  static async of(session: Session, other: string | null = null): Promise<Rights> {
    const { role } =
      other === null ? await session.row('SELECT CURRENT_ROLE() AS "role"') : { role: other };
    const roles = new Set<string>();
    const grants: Row[] = [];
    const waiting = [String(role), 'PUBLIC'];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (roles.has(next)) continue;
      roles.add(next);
      const own = await grantsTo(session, next);
      grants.push(...own);
      for (const { granted_on, name } of own) if (granted_on === 'ROLE') waiting.push(String(name));
    }
    return new Rights(String(role), roles, grants);
  }

  /** It is the role, or one that it has. */
  isOneOf(role: string): boolean {
    return this.#roles.has(role);
  }

  onAccount(privilege: string): boolean {
    // It may do all of this, and is told none of it.
    if (this.#roles.has('ACCOUNTADMIN')) return true;
    return this.#grants.some((one) => one.granted_on === 'ACCOUNT' && one.privilege === privilege);
  }

  /** `name` as SHOW GRANTS tells it. Whoever owns it may do everything. */
  has(privilege: string, on: string, name: string): boolean {
    return this.#grants.some(
      (one) =>
        one.granted_on === on &&
        String(one.name) === name &&
        [privilege, 'OWNERSHIP'].includes(String(one.privilege)),
    );
  }
}

/** Those of a role that one may not look at add nothing. */
async function grantsTo(session: Session, role: string): Promise<Row[]> {
  return session.rows(`SHOW GRANTS TO ROLE ${quote(role)}`).catch((error) => {
    if (['003001', '002003'].includes(codeBehind(error) ?? '')) return [];
    throw error;
  });
}
