import type { RunMark } from '../engine.ts';
import type { Session } from './connection.ts';
import { literal, qualified, quote } from './names.ts';

/** No schema of a database has this name. */
const schema = 'greenlight: simulation';
const table = qualified(schema, 'mark');

/** How far a run has come, in a schema of its own of the database that it changes. */
export const runMarks = {
  read: async (session: Session): Promise<RunMark | null> => {
    const { made } = await session.row(`SELECT OBJECT_ID(${literal(table)}, N'U') AS made`);
    if (made === null) return null;
    const [row] = await session.rows(`SELECT run, done, begun FROM ${table}`);
    if (row === undefined) return null;
    return { run: String(row.run), done: Number(row.done), begun: row.begun === true };
  },

  /** All or nothing, outside of any transaction. */
  write: (session: Session, mark: RunMark): Promise<void> =>
    session.transaction(async () => {
      // CREATE SCHEMA has to be alone in its batch.
      await session.run(
        `IF SCHEMA_ID(${literal(schema)}) IS NULL EXECUTE (${literal(`CREATE SCHEMA ${quote(schema)}`)})`,
      );
      await session.run(`DROP TABLE IF EXISTS ${table}`);
      await session.run(
        `CREATE TABLE ${table} (run nvarchar(400) NOT NULL, done int NOT NULL, begun bit NOT NULL)`,
      );
      await session.run(
        `INSERT INTO ${table} (run, done, begun) VALUES (@p1, @p2, @p3)`,
        valuesOf(mark),
      );
    }),

  /** Within the transaction of a script: the mark must be there. */
  update: async (session: Session, mark: RunMark): Promise<void> => {
    await session.run(`UPDATE ${table} SET run = @p1, done = @p2, begun = @p3`, valuesOf(mark));
  },

  drop: async (session: Session): Promise<void> => {
    await session.run(`DROP TABLE IF EXISTS ${table}; DROP SCHEMA IF EXISTS ${quote(schema)}`);
  },
};

function valuesOf({ run, done, begun }: RunMark) {
  return [run, done, begun] as const;
}
