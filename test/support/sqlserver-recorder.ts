/**
 * A double of a session on SQL Server, for what only has to be seen: it keeps every statement, and gives the rows that a
 * test has put there for it. It understands no SQL.
 */
export class Recorder {
  /** Database and statement, without the comments. */
  readonly log: { readonly database: string; readonly sql: string }[] = [];
  /** The first that matches answers. */
  readonly answers: [RegExp, readonly Readonly<Record<string, unknown>>[] | Error][] = [];
  readonly loaded: (readonly (string | null)[])[] = [];

  answer(pattern: RegExp, ...rows: readonly Readonly<Record<string, unknown>>[]): this {
    this.answers.unshift([pattern, rows]);
    return this;
  }

  fail(pattern: RegExp, error: Error): this {
    this.answers.unshift([pattern, error]);
    return this;
  }

  statements(): string[] {
    return this.log.map(({ sql }) => sql);
  }

  /** Stands for `connection.ts`. */
  module() {
    const recorder = this;
    class Session {
      readonly database: string;
      constructor(database: string) {
        this.database = database;
      }
      static async open(database: string) {
        return new Session(database);
      }
      static async use<T>(
        database: string,
        _: unknown,
        __: unknown,
        work: (session: Session) => Promise<T>,
      ) {
        return work(new Session(database));
      }
      async rows(sql: string) {
        const statement = sql.replace(/^(\/\*.*?\*\/ )+/, '');
        recorder.log.push({ database: this.database, sql: statement });
        const [, found = anything] =
          recorder.answers.find(([pattern]) => pattern.test(statement)) ?? [];
        if (found instanceof Error) throw found;
        return found;
      }
      async row(sql: string) {
        const [first] = await this.rows(sql);
        if (first === undefined) throw new Error(`No answer for: ${sql}`);
        return first;
      }
      async run(sql: string) {
        await this.rows(sql);
        return 0;
      }
      async table(sql: string) {
        const rows = await this.rows(sql);
        const columns = Object.keys(rows[0] ?? {});
        const types = columns.map((name) => (typeof rows[0]?.[name] === 'boolean' ? 'bit' : 'int'));
        return { columns, types, rows: rows.map((row) => columns.map((name) => row[name])) };
      }
      async *stream(sql: string) {
        const rows = await this.rows(sql);
        yield rows.map((row) => Object.values(row));
      }
      async load(_: string, __: unknown, rows: Iterable<readonly (string | null)[]>) {
        recorder.loaded.push(...rows);
      }
      async transaction<T>(work: () => Promise<T>) {
        await this.run('BEGIN TRANSACTION');
        const result = await work();
        await this.run('COMMIT TRANSACTION');
        return result;
      }
      async close() {}
    }
    const toNumber = (value: unknown) => Number(value);
    return { Session, toNumber, storePatienceMs: 20_000 };
  }
}

/** One row in which every column is 1. */
const anything = [
  new Proxy<Record<string, unknown>>({}, { get: () => '1', ownKeys: () => [], has: () => true }),
];
