import { UsageError } from '../errors.ts';

/** What is the same in every engine about the options of a connection. */

export const connectionOptions = 'greenlight.yml: connection';

/** Of a connection: `host`, `port`, ... */
export type ConnectionValues = Readonly<Record<string, string | number | boolean>>;

/**
 * For what nobody waits for any more, and the server goes on with: when a job is killed, nothing else ends its statements.
 * As long as a whole job of the usual CI runners may take; a comparison of a large table is one statement.
 */
export const usualStatementTimeout = { written: '6h', ms: 6 * 3_600_000 } as const;

export interface OptionsOf<Key extends string> {
  /** @throws UsageError for an option that is unknown. */
  requireKnown(connection: ConnectionValues): void;
  portOf(text: string, key: Key): number;
  /** A number of seconds, or with its unit: `500ms`, `30s`, `2min`, `6h`. */
  millisecondsOf(text: string, key: Key): number;
  /** Not with the value: it may come from the environment. */
  wrong(key: Key, help: string): UsageError;
}

/** `engine`: its name, for people; `path`: where the options stand in greenlight.yml. */
export function optionsOf<Key extends string>(
  engine: string,
  known: readonly Key[],
  path = 'connection',
): OptionsOf<Key> {
  const where = `greenlight.yml: ${path}`;
  const wrong = (key: Key, help: string) =>
    new UsageError({
      what: `${path}.${key} has a value that ${engine} does not take.`,
      where,
      help,
    });
  return {
    requireKnown: (connection) => {
      const unknown = Object.keys(connection).filter((name) => !known.includes(name as Key));
      if (unknown.length === 0) return;
      throw new UsageError({
        what: `${engine} has no connection option ${unknown.join(', ')}.`,
        where,
        help: `Known are ${known.join(', ')}.`,
      });
    },
    portOf: (text, key) => {
      const port = Number(text);
      if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
      throw wrong(key, 'A port is a whole number from 1 to 65535.');
    },
    millisecondsOf: (text, key) => {
      const [, number, unit = 's'] = /^(\d+)\s*(ms|s|min|h)?$/.exec(text) ?? [];
      if (number === undefined)
        throw wrong(key, 'Write seconds, or a number with its unit: 30s, 2min, 6h.');
      const ms =
        Number(number) *
        { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }[unit as 'ms' | 's' | 'min' | 'h'];
      if (ms <= mostMs) return ms;
      throw wrong(key, 'It is 24 days at most (576h).');
    },
    wrong,
  };
}

/** Neither PostgreSQL nor Node takes more. */
const mostMs = 2 ** 31 - 1;
