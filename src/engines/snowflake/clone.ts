import { GreenlightError } from '../../errors.ts';
import type { CloneReport } from '../engine.ts';
import { Scope } from './catalog-scope.ts';
import { leftOut } from './clone-lacks.ts';
import { requireGuarded, requireNoHybrid, requireWhole } from './clone-refusals.ts';
import { rewrite } from './clone-rewrite.ts';
import type { Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import { levelOf, mirrorContainer } from './grants.ts';
import { idOf, markOf, readAround, readContent, readMark, sizeOf } from './mark.ts';
import { likeLiteral, literal, type Place, quote, quotePlace } from './names.ts';
import type { SnowflakeOptions } from './options.ts';

/** What is cloned, and where to. */
export interface Ends {
  readonly from: Place;
  readonly to: Place;
}

/**
 * A zero-copy clone as of one instant. Its content tells the mark of both: whoever writes to the source meanwhile
 * changes it after that instant, and shows.
 */
export async function cloneContainer(
  session: Session,
  { from, to }: Ends,
  options: SnowflakeOptions,
): Promise<CloneReport> {
  const id = await idOf(session, from);
  if (id === null) throw nothingThere(from);
  await requireNoHybrid(session, from);
  // Before: what comes to the source from here on shows, although no clone has it.
  const around = await readAround(session, from);
  const made = await make(session, { from, to });
  try {
    await requireWhole(session, { from, to });
    const lacks = [
      ...(await mirrorContainer(session, from, to)),
      ...(await leftOut(session, { from, to })),
    ];
    await requireGuarded(session, { from, to });
    const content = await readContent(session, to);
    const { rewritten, kept } = options.rewriteReferences
      ? await rewrite(session, { from, to })
      : { rewritten: 0, kept: [] };
    return {
      source: { id, mark: markOf(content, around) },
      clone: {
        id: (await idOf(session, to)) ?? '',
        mark:
          rewritten === 0
            ? markOf(content, await readAround(session, to))
            : await readMark(session, to),
      },
      ...made,
      bytes: await sizeOf(session, to),
      lacks: [...lacks, ...kept],
    };
  } catch (error) {
    await session.run(`DROP ${levelOf(to)} IF EXISTS ${quotePlace(to)}`).catch(() => undefined);
    throw error;
  }
}

/**
 * By time travel, so that all of it is of one instant that is known. As it is now where a table keeps no past, and where
 * there are tasks: as of an instant, no task is cloned (docs: CREATE <object> ... CLONE, "General usage notes").
 */
async function make(
  session: Session,
  { from, to }: Ends,
): Promise<Pick<CloneReport, 'method' | 'reason'>> {
  const level = levelOf(to);
  const kind = (await isTransient(session, from)) ? `TRANSIENT ${level}` : level;
  const create = `CREATE ${kind} ${quotePlace(to)} CLONE ${quotePlace(from)}`;
  const { now } = await session.row(
    `SELECT TO_VARCHAR(CURRENT_TIMESTAMP(), 'YYYY-MM-DD"T"HH24:MI:SS.FF9') AS "now"`,
  );
  const at = String(now);
  if ((await new Scope(session, from).shownIfAny('TASKS')).length > 0) {
    await session.run(create);
    return {
      method: 'clone',
      reason:
        'as of the statement and not of an instant that is given, because no task would be cloned then; storage is shared with the source',
    };
  }
  try {
    await session.run(`${create} AT (TIMESTAMP => ${literal(`${at}+00:00`)}::TIMESTAMP_TZ)`);
    return {
      method: 'clone by time travel',
      reason: `all tables as of ${at}Z, sharing their storage with the source`,
    };
  } catch (error) {
    if (!isWithoutPast(error)) throw error;
    await session.run(create);
    return {
      method: 'clone',
      reason:
        'a table keeps no past (its retention is 0), so each table is as it was when its turn came; storage is shared with the source',
    };
  }
}

function isWithoutPast(error: unknown): boolean {
  return ['000707', '000709'].includes(codeBehind(error) ?? '');
}

/** What is transient can be cloned to something transient only. */
async function isTransient(session: Session, { database, schema }: Place): Promise<boolean> {
  const rows = await session.rows(
    schema === null
      ? `SHOW DATABASES LIKE ${likeLiteral(database)}`
      : `SHOW SCHEMAS LIKE ${likeLiteral(schema)} IN DATABASE ${quote(database)}`,
  );
  return rows.some(
    (row) => row.name === (schema ?? database) && /TRANSIENT/.test(String(row.options)),
  );
}

function nothingThere(place: Place): GreenlightError {
  return new GreenlightError({
    what: `There is no ${levelOf(place).toLowerCase()} to clone, or the role of the connection may not use it.`,
    where: quotePlace(place),
    help: 'Check the name, and the privileges of connection.role (docs/snowflake.md).',
  });
}
