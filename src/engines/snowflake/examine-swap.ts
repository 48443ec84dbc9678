import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Scope } from './catalog-scope.ts';
import { clusteredTables } from './clustering.ts';
import type { Row, Session } from './connection.ts';
import type { Examined } from './examiner.ts';
import { type FutureGrant, managingGrants, readContainer } from './grants.ts';
import { likeLiteral, type Place, plain, quote, quotePlace } from './names.ts';
import { Rights } from './rights.ts';

/** Whether the swap is allowed, and what would not go on after it. */
export async function* examineSwap(
  session: Session,
  { live }: Examined,
  rights: Rights,
): AsyncIterable<Finding> {
  const { good, warning, fault } = findingsOf('swap');
  const role = plain(rights.role);
  const { owner, grants, future } = await readContainer(session, live);
  const scope = new Scope(session, live);
  const subject = 'ownership of live';
  yield rights.isOneOf(owner)
    ? good(subject, `Live belongs to ${plain(owner)}, which role ${role} is or has.`)
    : fault(
        subject,
        `Live belongs to ${plain(owner)}: only its owner may swap it.`,
        `An administrator can allow it: GRANT ROLE ${plain(owner)} TO ROLE ${role};`,
      );
  if (future === null) {
    yield fault(
      'future grants',
      `Role ${role} may not look at those of live: a clone may lack some, and the swap is refused.`,
      `An administrator can allow it: ${managingGrants.replace('release_role', role)};`,
    );
  } else {
    yield* examineFuture(future, await mayGiveFuture(session, live, rights), rights);
  }
  const shares = grants.filter(({ grantedTo }) => grantedTo === 'SHARE');
  if (shares.length > 0) {
    yield warning(
      'shares',
      `Live is shared (${shares.map(({ grantee }) => plain(grantee)).join(', ')}): a share stays with the database that it was given, so its consumers would read the old one.`,
      shares
        .map(
          ({ grantee, privilege }) =>
            `After the swap: GRANT ${privilege} ON DATABASE ${quotePlace(live)} TO SHARE ${plain(grantee)};`,
        )
        .join('\n'),
    );
  }
  for (const kind of works) yield* examineWorking(session, kind, await kind.read(scope));
  const clustered = (await clusteredTables(scope))
    .filter(({ isOn, row }) => isOn && !rights.isOneOf(String(row.owner)))
    .map(({ row }) => row);
  if (clustered.length > 0) {
    const owners = [...new Set(clustered.map((row) => plain(String(row.owner))))];
    yield fault(
      'automatic clustering',
      `${clustered.length} tables that are clustered by themselves belong to other roles (${owners.join(', ')}): only an owner may resume that after the swap, which is taken back.`,
      owners.map((one) => `GRANT ROLE ${one} TO ROLE ${role};`).join('\n'),
    );
  }
  yield good(
    'writers',
    'Nothing of Snowflake keeps writers off: what they write while the swap is under way is found after it, and the swap is taken back.',
  );
}

/** Those of a database, and of a schema that its owner does not manage, are given by MANAGE GRANTS alone (docs: GRANT <privileges>). */
async function mayGiveFuture(session: Session, live: Place, rights: Rights): Promise<boolean> {
  if (rights.onAccount('MANAGE GRANTS')) return true;
  const { database, schema } = live;
  if (schema === null) return false;
  const shown = await session.rows(
    `SHOW SCHEMAS LIKE ${likeLiteral(schema)} IN DATABASE ${quote(database)}`,
  );
  const own = shown.find(({ name }) => name === schema);
  return /MANAGED ACCESS/.test(String(own?.options)) && rights.isOneOf(String(own?.owner));
}

/** Those of the schemas of a database come along into its clone. */
function* examineFuture(
  future: readonly FutureGrant[],
  may: boolean,
  rights: Rights,
): Iterable<Finding> {
  const own = future.filter(({ schema }) => schema === null);
  if (own.length === 0 || may) return;
  const role = plain(rights.role);
  const grantees = [...new Set(own.map(({ grantee }) => plain(grantee)))];
  yield findingsOf('swap').fault(
    'future grants',
    `Live has ${own.length} (to ${grantees.join(', ')}), which a clone has not, and role ${role} may not give them: owning a database is not enough. The swap would be refused.`,
    `An administrator can allow it: ${managingGrants.replace('release_role', role)};`,
  );
}

/** What works by itself does so by rights of its owner (docs: ALTER TASK, ALTER ALERT: usage notes). */
interface Working {
  readonly kind: 'task' | 'alert';
  /** Those that run. */
  read(scope: Scope): Promise<Row[]>;
}

const runs = ({ state }: Row) => String(state).toLowerCase() === 'started';
const works: readonly Working[] = [
  { kind: 'task', read: async (scope) => (await scope.shownIfAny('TASKS')).filter(runs) },
  { kind: 'alert', read: async (scope) => (await scope.shownIfAny('ALERTS')).filter(runs) },
];

async function* examineWorking(
  session: Session,
  { kind }: Working,
  running: readonly Row[],
): AsyncIterable<Finding> {
  const owners = [...new Set(running.map(({ owner }) => String(owner)))];
  for (const owner of owners) {
    const own = running.filter((row) => String(row.owner) === owner);
    // Without a warehouse of its own, Snowflake manages one for it.
    const isManaged = own.some(({ warehouse }) => ['', 'null'].includes(String(warehouse ?? '')));
    const rights = await Rights.of(session, owner);
    const needed = [`EXECUTE ${kind}`, ...(isManaged ? [`EXECUTE MANAGED ${kind}`] : [])]
      .map((right) => right.toUpperCase())
      .filter((right) => !rights.onAccount(right));
    if (needed.length === 0) continue;
    yield findingsOf('swap').fault(
      `the right to run ${kind}s`,
      `${own.length} ${kind}s of role ${plain(owner)} run in live, and could not be resumed after the swap: that role lacks ${needed.join(' and ')}.`,
      `An administrator can allow it: GRANT ${needed.join(', ')} ON ACCOUNT TO ROLE ${plain(owner)};`,
    );
  }
}
