import type { RunMark } from '../engine.ts';
import { type Session, toNumber } from './connection.ts';
import { literal, type Place, qualified } from './names.ts';
import { rowsOf } from './workspace.ts';

/** No schema of a database, and no table of a schema, has this name. */
const name = 'greenlight: simulation';

/** The mark of the place that a session works on, wherever a script makes the session look. */
export class MarkStore {
  readonly #place: Place;
  /** Where the mark's table stands: in a schema of its own where the place is a whole database. */
  readonly #schema: string;
  readonly #name: string;

  constructor(place: Place) {
    this.#place = place;
    this.#schema = place.schema ?? name;
    this.#name = place.schema === null ? 'mark' : name;
  }

  async read(session: Session): Promise<RunMark | null> {
    const { database } = this.#place;
    const [made] = rowsOf(
      await session.table(
        `SELECT COUNT(*) AS counted FROM ${qualified(database, 'INFORMATION_SCHEMA', 'TABLES')}
         WHERE table_schema = ${literal(this.#schema)} AND table_name = ${literal(this.#name)}`,
      ),
    );
    if (toNumber(made?.counted) === 0) return null;
    const [row] = rowsOf(await session.table(`SELECT run, done, begun FROM ${this.#table}`));
    if (row === undefined) return null;
    return { run: String(row.run), done: toNumber(row.done), begun: row.begun === true };
  }

  /** All or nothing, outside of any transaction. */
  async write(session: Session, { run, done, begun }: RunMark): Promise<void> {
    if (this.#place.schema === null)
      await session.run(`CREATE SCHEMA IF NOT EXISTS ${qualified(this.#place.database, name)}`);
    await session.run(
      `CREATE OR REPLACE TABLE ${this.#table} AS
       SELECT ${literal(run)} AS run, ${done} AS done, ${String(begun).toUpperCase()} AS begun`,
    );
    // CREATE SCHEMA has made its schema the one in which names are looked for.
    await session.enter(this.#place);
  }

  /** Within the transaction of a script: the mark must be there. */
  async update(session: Session, { run, done, begun }: RunMark): Promise<void> {
    await session.run(
      `UPDATE ${this.#table} SET run = ${literal(run)}, done = ${done}, begun = ${String(begun).toUpperCase()}`,
    );
  }

  async drop(session: Session): Promise<void> {
    await session.run(
      this.#place.schema === null
        ? `DROP SCHEMA IF EXISTS ${qualified(this.#place.database, name)} CASCADE`
        : `DROP TABLE IF EXISTS ${this.#table}`,
    );
  }

  get #table(): string {
    return qualified(this.#place.database, this.#schema, this.#name);
  }
}
