import type { RunMark } from '../engine.ts';
import type { Session } from './connection.ts';
import { literal, quote } from './names.ts';

/** No schema of a database, and no table of a schema, has this name. */
const name = 'greenlight: simulation';

/** The mark of the place that a session works on, wherever a script makes the session look. */
export class MarkStore {
  readonly #session: Session;
  /** Null: the place is a whole database, in which the mark has a schema of its own. */
  readonly #schema: string | null;
  readonly #table: string;

  constructor(session: Session, schema: string | null) {
    this.#session = session;
    this.#schema = schema;
    this.#table =
      schema === null ? `${quote(name)}.${quote('mark')}` : `${quote(schema)}.${quote(name)}`;
  }

  async read(): Promise<RunMark | null> {
    const { made } = await this.#session.row(
      'SELECT pg_catalog.to_regclass($1) IS NOT NULL AS made',
      [this.#table],
    );
    if (made !== true) return null;
    const [row] = await this.#session.rows(`SELECT run, done, begun FROM ${this.#table}`);
    if (row === undefined) return null;
    return { run: String(row.run), done: Number(row.done), begun: row.begun === true };
  }

  /** All or nothing, outside of any transaction. */
  async write(mark: RunMark): Promise<void> {
    await this.#session.transaction(async () => {
      if (this.#schema === null)
        await this.#session.run(`CREATE SCHEMA IF NOT EXISTS ${quote(name)}`);
      await this.#session.run(`DROP TABLE IF EXISTS ${this.#table}`);
      await this.#session.run(
        `CREATE TABLE ${this.#table} AS
         SELECT ${literal(mark.run)}::text AS run, ${mark.done}::integer AS done, ${mark.begun}::boolean AS begun`,
      );
    });
  }

  /** Within the transaction of a script: the mark must be there. */
  async update({ run, done, begun }: RunMark): Promise<void> {
    await this.#session.run(`UPDATE ${this.#table} SET run = $1, done = $2, begun = $3`, [
      run,
      done,
      begun,
    ]);
  }

  async drop(): Promise<void> {
    await this.#session.run(
      this.#schema === null
        ? `DROP SCHEMA IF EXISTS ${quote(name)} CASCADE`
        : `DROP TABLE IF EXISTS ${this.#table}`,
    );
  }
}
