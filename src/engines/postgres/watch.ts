import { randomBytes } from 'node:crypto';
import type { Location, Physical, Relation, Since, Trail, Watch } from '../engine.ts';
import { Session } from './connection.ts';
import {
  identityOf,
  isSameButSequences,
  markOf,
  oneSnapshot,
  readContent,
  readUndecoded,
  undecodedMarkOf,
} from './mark.ts';
import { locationOf, type Place } from './names.ts';
import type { PostgresOptions } from './options.ts';
import { requireOwnServer } from './servers.ts';
import { askSlot, askTables, makeSlot, type Point, settleBeginning, slotPrefix } from './slots.ts';

/** Databases of which this process knows what they held, and learns what was written since. */
export class Watches {
  readonly #watched = new Map<Location, Watched>();
  readonly #options: PostgresOptions;

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  /** One within another takes its place, for itself. */
  begin(place: Place, since?: Since): Watch {
    requireOwnServer(place);
    const at = locationOf(place);
    const own = new Watched(place, this.#options);
    const outer = this.#watched.get(at);
    this.#watched.set(at, own);
    if (since !== undefined) own.know(since);
    return {
      told: () => own.told,
      end: async () => {
        if (outer === undefined) this.#watched.delete(at);
        else this.#watched.set(at, outer);
        await own.rest();
      },
    };
  }

  find(place: Place): Watched | null {
    return this.#watched.get(locationOf(place)) ?? null;
  }

  /** A database with a session on it cannot be copied, and one with a slot in use cannot be dropped. */
  async rest(place: Place): Promise<void> {
    await this.find(place)?.rest();
  }
}

interface Known {
  readonly physical: Physical;
  readonly slot: string;
  readonly point: Point;
}

/** Told by logical decoding where it can be, and by reading all row versions where not. */
class Watched {
  readonly #place: Place;
  readonly #options: PostgresOptions;
  #session: Session | null = null;
  #known: Known | null = null;
  told: Omit<Trail, 'point'> = byRowVersions(null);

  constructor(place: Place, options: PostgresOptions) {
    this.#place = place;
    this.#options = options;
  }

  know({ physical, point }: Since): void {
    const kept = parsePoint(point);
    if (kept !== null) this.#known = { physical, ...kept };
  }

  /** Null: there is no such database or schema. */
  async identify(): Promise<Physical | null> {
    const known = this.#known;
    const { isUntouched, reason } = known === null ? unknown : await this.#ask(known);
    if (known !== null && isUntouched) {
      this.told = byDecoding;
      return known.physical;
    }
    await this.rest();
    return this.#read(reason);
  }

  /** Holds no session and knows nothing any more. */
  async rest(): Promise<void> {
    this.#known = null;
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  /** Whether all is as it was. Of a trail, little is left to be told after that: it goes on with a slot of this session. */
  async #ask(known: Known): Promise<Asked> {
    try {
      if (this.#session !== null) return await untouchedSince(this.#session, this.#place, known);
      this.#session = await this.#open();
      const begun = await this.#beginSlot(this.#session);
      const asked = await untouchedSince(this.#session, this.#place, known);
      if (asked.isUntouched && begun.slot !== null) {
        const { slot, doubtful } = begun;
        this.#known = {
          ...known,
          slot,
          point: { ...known.point, snapshot: asked.snapshot, doubtful },
        };
      }
      return asked;
    } catch {
      // Whatever it is, reading all of it tells.
      return { ...unknown, reason: 'the connection that watched it was ended' };
    }
  }

  async #read(because: string | null): Promise<Physical | null> {
    const session = await this.#open();
    this.#session = session;
    const { slot, doubtful, reason } = await this.#beginSlot(session);
    const found = await session.transaction(
      () => readPoint(session, this.#place, doubtful),
      oneSnapshot,
    );
    this.told = byRowVersions(because ?? reason);
    if (found === null || slot === null) await this.rest();
    else this.#known = { ...found, slot };
    return found?.physical ?? null;
  }

  async #beginSlot(session: Session) {
    if (this.#options.driftSlot === 'never')
      return { slot: null, doubtful: [], reason: 'connection.drift_slot is never' };
    const slot = `${slotPrefix}watch_${randomBytes(6).toString('hex')}`;
    const { reason } = await makeSlot(session, slot, { temporary: true });
    if (reason !== null) return { slot: null, doubtful: [], reason };
    return { slot, doubtful: await settleBeginning(session), reason: null };
  }

  async #open(): Promise<Session> {
    const session = await Session.open(this.#place.database, this.#options, {
      purpose: 'watch',
      readOnly: true,
    });
    await session.run(`SET lock_timeout = '10s'; SET jit = off`);
    return session;
  }
}

const byDecoding = { by: 'logical decoding', reason: null } as const;

function byRowVersions(reason: string | null): Omit<Trail, 'point'> {
  return { by: 'row versions', reason };
}

/** What is there in the snapshot of the open transaction, and the point that it is. Null: it is not there. */
async function readPoint(
  session: Session,
  place: Place,
  doubtful: readonly string[],
): Promise<Omit<Known, 'slot'> | null> {
  const { snapshot } = await session.row('SELECT pg_current_snapshot() AS snapshot');
  const content = await readContent(session, place);
  if (content === null) return null;
  return {
    physical: await markOf(session, content, place.database),
    point: {
      snapshot: String(snapshot),
      doubtful,
      undecoded: await undecodedMarkOf(session, content, place.database),
    },
  };
}

interface Asked {
  readonly isUntouched: boolean;
  /** As of this snapshot. */
  readonly snapshot: string;
  readonly reason: string | null;
}

const unknown: Asked = { isUntouched: false, snapshot: '', reason: null };

/** First what decoding does not show, then what was committed before that was looked at. */
async function untouchedSince(
  session: Session,
  place: Place,
  { physical, slot, point }: Known,
): Promise<Asked> {
  const now = await session.transaction(async () => {
    const { snapshot } = await session.row('SELECT pg_current_snapshot() AS snapshot');
    const rest = await readUndecoded(session, place);
    if (rest === null) return null;
    const id = await identityOf(session, place.database, rest.scope);
    const undecoded = await undecodedMarkOf(session, rest, place.database);
    return {
      snapshot: String(snapshot),
      isSame: id === physical.id && undecoded === point.undecoded,
    };
  }, oneSnapshot);
  if (now?.isSame !== true) return unknown;
  const { isUnwritten, reason } = await askSlot(session, slot, point, place.schema);
  return { isUntouched: isUnwritten === true, snapshot: now.snapshot, reason };
}

/**
 * The tables of which rows were written since, as the catalog shows them. Null: it cannot be told, or something else is not
 * as it was but positions of sequences.
 */
export async function writtenSince(
  place: Place,
  { physical, point: text }: Since,
  options: PostgresOptions,
): Promise<readonly Pick<Relation, 'schema' | 'name'>[] | null> {
  const kept = parsePoint(text);
  if (kept === null || options.driftSlot === 'never') return null;
  const about = { purpose: 'watch', readOnly: true };
  return Session.use(place.database, options, about, async (session) => {
    await session.run(`SET lock_timeout = '10s'; SET jit = off`);
    const isSame = await session.transaction(async () => {
      const rest = await readUndecoded(session, place);
      if (rest === null) return false;
      const mark = await undecodedMarkOf(session, rest, place.database);
      return (
        physical.id === (await identityOf(session, place.database, rest.scope)) &&
        isSameButSequences(mark, kept.point.undecoded)
      );
    }, oneSnapshot);
    const names = isSame ? await askTables(session, kept.slot, kept.point) : null;
    if (names === null) return null;
    const rows = await session.rows(wholeTables, [names, place.schema]);
    // Renamed or dropped meanwhile.
    if (rows.some(({ name }) => name === null)) return null;
    return rows.map(({ schema, name }) => ({ schema: String(schema), name: String(name) }));
  });
}

/** `$1`: tables, as SQL; `$2`: the schema that the place is, or NULL. A row of a partition or heir is one of its parents. */
const wholeTables = `WITH RECURSIVE written (oid) AS (
    SELECT to_regclass(name)::oid FROM unnest($1::text[]) AS name
    UNION SELECT inhparent FROM written JOIN pg_inherits ON inhrelid = oid)
  SELECT n.nspname AS schema, c.relname AS name
    FROM written LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace) ON c.oid = written.oid
   WHERE c.oid IS NULL OR NOT c.relispartition AND ($2::name IS NULL OR n.nspname = $2)`;

/** As the ledger keeps it, and nobody else reads it. */
export function writePoint(slot: string, point: Point): string {
  return JSON.stringify({ slot, ...point });
}

/** Null: another version of this program wrote it. */
function parsePoint(text: string): Pick<Known, 'slot' | 'point'> | null {
  try {
    const { slot, snapshot, doubtful, undecoded } = JSON.parse(text);
    const texts = [slot, snapshot, undecoded, ...doubtful];
    return texts.every((one) => typeof one === 'string')
      ? { slot, point: { snapshot, doubtful, undecoded } }
      : null;
  } catch {
    return null;
  }
}
