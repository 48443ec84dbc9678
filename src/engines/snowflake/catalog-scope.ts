import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { literal, type Place, qualified, quotePlace } from './names.ts';

/** A database or one schema of it, and how to ask for what is in there. */
export class Scope {
  readonly session: Session;
  readonly place: Place;
  readonly #shownAs: string | null;

  /** `shownAs`: the name under which a place that is one schema is told, in every clone the same. Default: its own. */
  constructor(session: Session, place: Place, shownAs: string | null = place.schema) {
    this.session = session;
    this.place = place;
    this.#shownAs = shownAs;
  }

  /** The name under which a schema is told. */
  told(schema: string): string {
    return schema === this.place.schema ? (this.#shownAs ?? schema) : schema;
  }

  /** Rows of a view of the information schema, whose own objects do not count. `column` has the name of the schema. */
  async informed(view: string, column: string, columns: string): Promise<Row[]> {
    const { database, schema } = this.place;
    const only = schema === null ? '' : `AND ${column} = ${literal(schema)}`;
    const rows = await this.session.rows(
      `SELECT ${columns} FROM ${qualified(database, 'INFORMATION_SCHEMA', view)}
        WHERE ${column} <> 'INFORMATION_SCHEMA' ${only}`,
    );
    return rows.map((row) => this.#asTold(row));
  }

  /** `SHOW TASKS IN DATABASE x`. */
  async shown(plural: string): Promise<Row[]> {
    const level = this.place.schema === null ? 'DATABASE' : 'SCHEMA';
    const rows = await this.session.rows(`SHOW ${plural} IN ${level} ${quotePlace(this.place)}`);
    return rows.map((row) => this.#asTold(row));
  }

  #asTold(row: Row): Row {
    if (this.#shownAs === this.place.schema) return row;
    return Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        isOfSchema.test(column) && typeof value === 'string' ? this.told(value) : value,
      ]),
    );
  }

  /** The same of what an edition or a region may not have, or the role may not look at: then there is none. */
  async shownIfAny(plural: string): Promise<Row[]> {
    return this.shown(plural).catch((error) => {
      if (isNotKnown(error)) return [];
      throw error;
    });
  }
}

/** Columns that name a schema: of the information schema, and of SHOW. */
const isOfSchema = /^(\w+_SCHEMA|S|(fk_|pk_)?schema_name)$/;

export function isNotKnown(error: unknown): boolean {
  return notKnown.has(codeBehind(error) ?? '');
}

/** Unsupported feature, syntax error, no such feature in this account, unknown function, insufficient privileges. */
const notKnown: ReadonlySet<string> = new Set([
  '000002',
  '001003',
  '001420',
  '002140',
  '002141',
  '003001',
]);
