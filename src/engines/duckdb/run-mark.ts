import type { RunMark } from '../engine.ts';
import { type Duckdb, literal, quote } from './connection.ts';

/** No schema of a warehouse has this name. The mark's table stands in it alone. */
const schema = 'greenlight: simulation';

/** The mark of the database that this DuckDB has open as its own, wherever a script makes it look. */
export class MarkStore {
  readonly #duckdb: Duckdb;
  readonly #schema: string;

  private constructor(duckdb: Duckdb, database: string) {
    this.#duckdb = duckdb;
    this.#schema = `${quote(database)}.${quote(schema)}`;
  }

  static async of(duckdb: Duckdb): Promise<MarkStore> {
    const { name } = await duckdb.row('SELECT current_database() AS name');
    return new MarkStore(duckdb, String(name));
  }

  async read(): Promise<RunMark | null> {
    const { made } = await this.#duckdb.row(
      `SELECT count(*) > 0 AS made FROM duckdb_tables() WHERE schema_name = $1 AND table_name = 'mark'`,
      [schema],
    );
    if (made !== true) return null;
    const [row] = await this.#duckdb.rows(`SELECT run, done, begun FROM ${this.#schema}.mark`);
    if (row === undefined) return null;
    return { run: String(row.run), done: Number(row.done), begun: row.begun === true };
  }

  /** All or nothing, outside of any transaction. */
  async write(mark: RunMark): Promise<void> {
    const values = `${literal(mark.run)} AS run, ${mark.done} AS done, ${mark.begun} AS begun`;
    await this.#duckdb.run(`CREATE SCHEMA IF NOT EXISTS ${this.#schema}`);
    await this.#duckdb.run(`CREATE OR REPLACE TABLE ${this.#schema}.mark AS SELECT ${values}`);
  }

  /** Within the transaction of a script: the mark must be there. */
  async update({ run, done, begun }: RunMark): Promise<void> {
    await this.#duckdb.run(
      `UPDATE ${this.#schema}.mark SET run = ${literal(run)}, done = ${done}, begun = ${begun}`,
    );
  }

  async drop(): Promise<void> {
    await this.#duckdb.run(`DROP SCHEMA IF EXISTS ${this.#schema} CASCADE`);
  }
}
