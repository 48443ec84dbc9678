import { DatabaseInUse, GreenlightError, messageOf } from '../../errors.ts';

/** Turns what DuckDB says about a file into what a person can act on; other errors stay as they are. */
export function explain(error: unknown, file: string): unknown {
  if (error instanceof GreenlightError) return error;
  const message = messageOf(error);
  for (const { pattern, problem, kind = GreenlightError } of known) {
    const match = pattern.exec(message);
    if (match !== null) {
      return new kind({ where: file, cause: firstLine(message), ...problem(match) });
    }
  }
  return error;
}

/** A statement that needed more memory than DuckDB may use; other errors stay as they are. */
export function explainMemory(error: unknown): unknown {
  if (!/^Out of Memory Error/.test(messageOf(error))) return error;
  return new GreenlightError({
    what: 'DuckDB needs more memory than it may use.',
    cause: firstLine(messageOf(error)),
    help: 'Raise `connection.memory_limit` in greenlight.yml, or lower `connection.threads`; then run the same command again.',
  });
}

/** A table that DuckDB could not compare; what it says of a value is not shown. */
export function explainComparison(
  error: unknown,
  { schema, name }: { readonly schema: string; readonly name: string },
): unknown {
  if (error instanceof GreenlightError) return error;
  return new GreenlightError({
    what: `${schema}.${name} could not be compared.`,
    cause: withoutData(messageOf(error)),
    help: 'Leave the column out by `compare.ignore` in greenlight.yml, or name other tables in `compare.result`; and please report it, with the types of the columns.',
  });
}

/** Neither the statement's fault nor the data's: the same statement may succeed elsewhere, or later. */
export function isOfTheMachine(error: unknown): boolean {
  return (
    error instanceof GreenlightError ||
    /^(IO|Out of Memory|Interrupt|INTERNAL|Fatal|Connection)|aborted/i.test(messageOf(error))
  );
}

/**
 * What may be shown of an error that came from reading data. DuckDB's messages about a value name the value; those
 * about names, files and grammar do not.
 */
export function withoutData(message: string): string {
  const line = firstLine(message);
  if (/cannot be created from an unnamed struct/.test(line))
    return "a struct in it has fields without names, which DuckDB does not keep: name them, as in {'id': id}";
  if (
    /^(Catalog|Binder|Parser|IO|Permission|Not implemented|Dependency|Out of Memory) Error/.test(
      line,
    )
  )
    return line;
  return `${/^[\w ]+Error/.exec(line)?.[0] ?? 'an error'} (its text may hold data; run the query to see it)`;
}

/** DuckDB's message without the drawing of the statement below it. */
export function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

interface Known {
  readonly pattern: RegExp;
  readonly kind?: typeof GreenlightError;
  problem(match: RegExpExecArray): { what: string; help: string; cause?: string };
}

const known: readonly Known[] = [
  {
    pattern: /Conflicting lock is held in (.*?) \(PID (\d+)\)/s,
    kind: DatabaseInUse,
    problem: ([, program, pid]) => ({
      what: 'Another process has this database open in a way that excludes us.',
      cause: `held by ${program} (process ${pid})`,
      help: 'DuckDB allows one writing process or many reading ones. Close the other process, then run the same command again.',
    }),
  },
  {
    pattern: /Could not set lock on file/,
    kind: DatabaseInUse,
    problem: () => ({
      what: 'Another process has this database open in a way that excludes us.',
      help: 'DuckDB allows one writing process or many reading ones. Close the other process, then run the same command again.',
    }),
  },
  {
    pattern: /is already attached by database/,
    kind: DatabaseInUse,
    problem: () => ({
      what: 'This process has this database open already.',
      help: 'Please report it, with the command.',
    }),
  },
  {
    pattern: /not a valid DuckDB database file/,
    problem: () => ({
      what: 'This file is not a DuckDB database.',
      help: 'Check `live` and `ledger` in greenlight.yml.',
    }),
  },
  {
    pattern: /database file with version number|newer version of DuckDB|storage version/i,
    problem: () => ({
      what: 'This database was written by a DuckDB version that this one cannot read.',
      help: 'Use a Greenlight with that DuckDB version, or export and import the database.',
    }),
  },
  {
    pattern:
      /No space left on device|Could not write all bytes|disk is full|max_temp_directory_size/i,
    problem: () => ({
      what: 'The disk is full.',
      help: 'Free some room (`greenlight retire --dry-run` lists what Greenlight keeps), then run the same command again.',
    }),
  },
  {
    pattern: /Permission denied/i,
    problem: () => ({
      what: 'The file system does not allow this.',
      help: 'Check the owner and the mode of the file and its folder.',
    }),
  },
];
