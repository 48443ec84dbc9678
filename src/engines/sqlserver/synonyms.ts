import { GreenlightError, UsageError } from '../../errors.ts';
import type { Location } from '../engine.ts';
import { list } from '../sql.ts';
import { type Row, Session } from './connection.ts';
import { literal, qualified, quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { carrySequencesOn } from './sequences.ts';
import { readServer } from './server.ts';

/**
 * A swap that renames no database and ends no session: applications work in a database of synonyms, and these lead to
 * live. They are made anew in one transaction, with what is granted on them, so that they lead to the candidate; which
 * database then stands for which location is written down in the same transaction.
 */
export class Synonyms {
  readonly #front: string;
  readonly #options: SqlserverOptions;
  #known: Standing = {};

  constructor(front: string, options: SqlserverOptions) {
    this.#front = front;
    this.#options = options;
  }

  /** The database that stands for a location now. */
  async databaseAt(at: Location): Promise<string> {
    await Session.use(this.#front, this.#options, { purpose: 'find where live is' }, (session) =>
      this.#read(session),
    );
    return this.lastKnown(at);
  }

  /** The same as it was when somebody looked last. */
  lastKnown(at: Location): string {
    const own = this.#known[at];
    if (own !== undefined) return own;
    // The name is that of a database which stands for another location: nothing is at this one.
    return Object.values(this.#known).includes(at) ? `${at}~elsewhere`.slice(-128) : at;
  }

  async exchange(live: Location, incoming: Location, kept: Location): Promise<void> {
    await Session.use(this.#front, this.#options, { purpose: 'swap' }, async (session) => {
      if ((await readServer(session)).kind === 'azure') throw noOtherDatabases();
      await this.#read(session);
      const [from, to] = [this.lastKnown(live), this.lastKnown(incoming)];
      const isDone = !(await isThere(session, to)) && this.#known[kept] !== undefined;
      if (isDone) return;
      await this.#requireFree(session, { from, to, kept });
      const synonyms = await synonymsTo(session, from);
      if (synonyms.length === 0) throw leadsNowhere(this.#front, from);
      await requireTargets(session, synonyms, to);
      await carrySequencesOn(from, to, this.#options);
      const { [incoming]: _, ...others } = this.#known;
      const standing = { ...others, [live]: to, [kept]: from };
      await session.transaction(async () => {
        for (const synonym of synonyms) await repoint(session, synonym, to);
        await session.run(writeStanding(standing));
      });
      this.#known = standing;
    });
  }

  async #requireFree(
    session: Session,
    { from, to, kept }: { readonly from: string; readonly to: string; readonly kept: string },
  ): Promise<void> {
    for (const database of [from, to]) {
      if (await isThere(session, database)) continue;
      throw new GreenlightError({
        what: 'There is no such database to exchange.',
        where: `database ${database}`,
        help: 'Find out who renamed or dropped it.',
      });
    }
    if (!(await isThere(session, this.lastKnown(kept)))) return;
    throw new GreenlightError({
      what: 'Something else is where the old database would be kept.',
      where: `database ${kept}`,
      help: 'Rename it, then run the same command again.',
    });
  }

  async #read(session: Session): Promise<void> {
    const [row] = await session.rows(
      `SELECT CONVERT(nvarchar(3750), e.value) AS standing FROM sys.extended_properties AS e WHERE e.class = 0 AND e.name = N'${property}'`,
    );
    this.#known = row === undefined ? {} : (JSON.parse(String(row.standing)) as Standing);
  }
}

/** Location -> the database that stands for it, where that is not the one of its name. */
type Standing = Readonly<Record<Location, string>>;

const property = 'greenlight.standing';

function writeStanding(standing: Standing): string {
  const own = Object.fromEntries(
    Object.entries(standing).filter(([location, database]) => location !== database),
  );
  return `IF EXISTS (SELECT 1 FROM sys.extended_properties AS e WHERE e.class = 0 AND e.name = N'${property}')
    EXECUTE sys.sp_dropextendedproperty @name = N'${property}';
    EXECUTE sys.sp_addextendedproperty @name = N'${property}', @value = ${literal(JSON.stringify(own))}`;
}

async function isThere(session: Session, database: string): Promise<boolean> {
  const { id } = await session.row('SELECT DB_ID(@p1) AS id', [database]);
  return id !== null;
}

async function synonymsTo(session: Session, database: string): Promise<Row[]> {
  return session.rows(
    `SELECT s.name AS [schema], y.name AS name, PARSENAME(y.base_object_name, 2) AS base_schema, PARSENAME(y.base_object_name, 1) AS base_name
       FROM sys.synonyms AS y JOIN sys.schemas AS s ON s.schema_id = y.schema_id
      WHERE PARSENAME(y.base_object_name, 3) = @p1 AND PARSENAME(y.base_object_name, 4) IS NULL ORDER BY s.name, y.name`,
    [database],
  );
}

/** `[shop].[dbo].[orders]`; a schema that the synonym leaves out is dbo. */
function targetOf({ base_schema, base_name }: Row, database: string): string {
  return qualified(database, String(base_schema ?? 'dbo'), String(base_name));
}

/** A synonym is bound when it is used: one that leads nowhere is found now or by a client. */
async function requireTargets(
  session: Session,
  synonyms: readonly Row[],
  database: string,
): Promise<void> {
  const dangling: string[] = [];
  for (const synonym of synonyms) {
    const { id } = await session.row('SELECT OBJECT_ID(@p1) AS id', [targetOf(synonym, database)]);
    if (id === null) dangling.push(`${synonym.schema}.${synonym.name}`);
  }
  if (dangling.length === 0) return;
  throw new GreenlightError({
    what: 'Synonyms would lead to nothing in the database that is to go live.',
    where: `database ${database}`,
    cause: list(dangling, (name) => name),
    live: 'live is unchanged',
    help: 'Drop those that nobody needs any more, then run the same command again.',
  });
}

/** DROP takes along what is granted on it. */
async function repoint(session: Session, synonym: Row, database: string): Promise<void> {
  const own = qualified(String(synonym.schema), String(synonym.name));
  const grants = await session.rows(
    `SELECT p.state_desc AS state, p.permission_name AS permission, USER_NAME(p.grantee_principal_id) AS grantee
       FROM sys.database_permissions AS p WHERE p.class = 1 AND p.major_id = OBJECT_ID(@p1) ORDER BY 3, 2`,
    [own],
  );
  await session.run(`DROP SYNONYM ${own}`);
  await session.run(`CREATE SYNONYM ${own} FOR ${targetOf(synonym, database)}`);
  for (const { state, permission, grantee } of grants) {
    const isPassedOn = state === 'GRANT_WITH_GRANT_OPTION';
    const verb = state === 'DENY' ? 'DENY' : 'GRANT';
    await session.run(
      `${verb} ${permission} ON ${own} TO ${quote(String(grantee))}${isPassedOn ? ' WITH GRANT OPTION' : ''}`,
    );
  }
}

function leadsNowhere(front: string, live: string): GreenlightError {
  return new GreenlightError({
    what: `No synonym of ${front} leads to ${live}, so there is nothing to swap by.`,
    where: 'greenlight.yml: connection.synonyms',
    live: 'live is unchanged',
    help: `Name the database in which applications work, with synonyms for what they use: CREATE SYNONYM dbo.orders FOR ${quote(live)}.dbo.orders;`,
  });
}

function noOtherDatabases(): UsageError {
  return new UsageError({
    what: 'In Azure SQL Database a synonym leads to no other database.',
    where: 'greenlight.yml: connection.synonyms',
    help: 'Leave it out: databases change names there.',
  });
}
