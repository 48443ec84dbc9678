import { isNotKnown, Scope } from './catalog-scope.ts';
import type { Ends } from './clone.ts';
import { clusteredTables } from './clustering.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { levelOf } from './grants.ts';
import type { Place } from './names.ts';

/** A kind of object that a clone has not, or has in another state. */
interface Concern {
  readonly plural: string;
  readonly kind: string;
  /** Null: this one is in the clone as it was. */
  told(row: Row, isThere: boolean, from: Place): string | null;
}

const concerns: readonly Concern[] = [
  { plural: 'EXTERNAL TABLES', kind: 'external table', told: () => 'cannot be cloned' },
  {
    plural: 'STAGES',
    kind: 'stage',
    told: (_, isThere) => (isThere ? null : 'an internal stage is not cloned, nor are its files'),
  },
  {
    plural: 'PIPES',
    kind: 'pipe',
    told: (row, isThere, from) => {
      if (!isThere) return 'a pipe of an internal stage is not cloned';
      return leadsTo(from, String(row.definition))
        ? `stands still in the clone, and must never be resumed: its COPY names the ${levelOf(from).toLowerCase()}, so it would load into that one`
        : 'stands still in the clone; after the swap, resume it there and pause it in the old database';
    },
  },
  {
    plural: 'STREAMS',
    kind: 'stream',
    told: () =>
      'its offset is not the one of live: rows that were not consumed before the clone cannot be read from it',
  },
  {
    plural: 'TASKS',
    kind: 'task',
    told: (_, isThere) =>
      isThere ? null : 'is not cloned: the role of the connection does not own it',
  },
  {
    plural: 'DYNAMIC TABLES',
    kind: 'dynamic table',
    told: (_, isThere) =>
      isThere ? 'is suspended in the clone; the swap resumes it when it ran' : 'is not cloned',
  },
  {
    plural: 'ALERTS',
    kind: 'alert',
    told: (_, isThere) =>
      isThere ? 'is suspended in the clone; the swap resumes it when it ran' : 'is not cloned',
  },
  {
    plural: 'ICEBERG TABLES',
    kind: 'Iceberg table',
    told: (_, isThere) => (isThere ? null : 'is of another catalog and not cloned'),
  },
  { plural: 'EVENT TABLES', kind: 'event table', told: () => 'cannot be cloned' },
];

/** What the clone has not, or has in another state: for people. */
export async function leftOut(session: Session, { from, to }: Ends): Promise<string[]> {
  const [before, after] = [new Scope(session, from), new Scope(session, to)];
  const found = await Promise.all(
    concerns.map(async ({ plural, kind, told }) => {
      const own = await before.shownIfAny(plural);
      if (own.length === 0) return [];
      const there = new Set((await after.shownIfAny(plural)).map(nameWithin(to)));
      return own.flatMap((row) => {
        const name = nameWithin(from)(row);
        const reason = told(row, there.has(name), from);
        return reason === null ? [] : [`${kind} ${name}: ${reason}`];
      });
    }),
  );
  return [...found.flat(), ...(await loadedInto(before)), ...(await clusteredIn(before))];
}

/**
 * A clone remembers no file that COPY has loaded (docs: CREATE <object> ... CLONE): given again, it is loaded again. The
 * information schema tells of the last 14 days.
 */
async function loadedInto(scope: Scope): Promise<string[]> {
  const rows = await scope
    .informed('LOAD_HISTORY', 'SCHEMA_NAME', 'DISTINCT SCHEMA_NAME, TABLE_NAME')
    .catch((error) => {
      if (isNotKnown(error) || codeBehind(error) === '002003') return [];
      throw error;
    });
  return rows.map(
    (row) =>
      `load history of table ${nameWithin(scope.place)({ schema_name: row.SCHEMA_NAME ?? null, name: row.TABLE_NAME ?? null })}: COPY loads again, into the clone, a file that live has loaded already`,
  );
}

async function clusteredIn(scope: Scope): Promise<string[]> {
  return (await clusteredTables(scope))
    .filter(({ isOn }) => isOn)
    .map(
      ({ row }) =>
        `automatic clustering of table ${nameWithin(scope.place)(row)}: is suspended in the clone; the swap resumes it`,
    );
}

function nameWithin({ schema }: Place): (row: Row) => string {
  return (row) => (schema === null ? `${row.schema_name}.${row.name}` : String(row.name));
}

/** `COPY INTO db.schema.t`, `db..t`, and where a schema is cloned `schema.t`: it leads there wherever the pipe stands. */
function leadsTo({ schema }: Place, definition: string): boolean {
  const name = '(?:"(?:[^"]|"")+"|[\\w$]+)';
  const [, dots = ''] =
    new RegExp(`copy\\s+into\\s+${name}((?:\\.{1,2}${name})*)`, 'i').exec(definition) ?? [];
  const parts = dots.match(new RegExp(`\\.{1,2}${name}`, 'g')) ?? [];
  return parts.length > 1 || dots.startsWith('..') || (schema !== null && parts.length === 1);
}
