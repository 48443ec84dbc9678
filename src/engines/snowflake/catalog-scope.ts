import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { literal, type Place, qualified, quotePlace } from './names.ts';

/** A database or one schema of it, and how to ask for what is in there. */
export class Scope {
  readonly session: Session;
  readonly place: Place;

  constructor(session: Session, place: Place) {
    this.session = session;
    this.place = place;
  }

  /** Rows of a view of the information schema, whose own objects do not count. `column` has the name of the schema. */
  async informed(view: string, column: string, columns: string): Promise<Row[]> {
    const { database, schema } = this.place;
    const only = schema === null ? '' : `AND ${column} = ${literal(schema)}`;
    return this.session.rows(
      `SELECT ${columns} FROM ${qualified(database, 'INFORMATION_SCHEMA', view)}
        WHERE ${column} <> 'INFORMATION_SCHEMA' ${only}`,
    );
  }

  /** `SHOW TASKS IN DATABASE x`. */
  async shown(plural: string): Promise<Row[]> {
    const level = this.place.schema === null ? 'DATABASE' : 'SCHEMA';
    return this.session.rows(`SHOW ${plural} IN ${level} ${quotePlace(this.place)}`);
  }

  /** The same of what an edition or a region may not have, or the role may not look at: then there is none. */
  async shownIfAny(plural: string): Promise<Row[]> {
    return this.shown(plural).catch((error) => {
      if (notKnown.has(codeBehind(error) ?? '')) return [];
      throw error;
    });
  }
}

/** Unsupported feature, syntax error, no such feature in this account, insufficient privileges. */
const notKnown: ReadonlySet<string> = new Set(['000002', '001003', '001420', '003001']);
