import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { list } from '../sql.ts';
import { Session, toNumber } from './connection.ts';
import { tiesOf } from './container.ts';
import { enter, type Place } from './examiner-asking.ts';
import { snapshotsOf } from './found.ts';
import { quote } from './names.ts';
import type { SqlserverOptions } from './options.ts';
import { isIn, may } from './rights.ts';
import type { Server } from './server.ts';
import { obstacleToSwap } from './swappable.ts';

const { good, warning, fault } = findingsOf('swap');

export async function* examineSwap(
  master: Session,
  own: Session,
  server: Server,
  options: SqlserverOptions,
): AsyncIterable<Finding> {
  const { database } = own;
  const rename = 'the right to rename live';
  const mayRename =
    (await may(own, database, 'ALTER')) ||
    (await may(master, null, 'ALTER ANY DATABASE')) ||
    (server.kind === 'azure' && (await isIn(master, 'dbmanager')));
  yield mayRename
    ? good(rename, `The login may rename ${database}.`)
    : fault(
        rename,
        `The login may not rename ${database}, nor close it to others for that moment.`,
        server.kind === 'azure'
          ? 'In master: ALTER ROLE dbmanager ADD MEMBER release_login;'
          : 'USE master; GRANT ALTER ANY DATABASE TO release_login;',
      );
  yield* examineSessions(master, own, server);
  const obstacle = await obstacleToSwap(master, database, server, options);
  const bindings = 'what binds live by its name';
  yield obstacle === null
    ? good(bindings, 'Nothing does.')
    : fault(
        bindings,
        `${database} cannot be swapped: ${obstacle}.`,
        'docs/sqlserver.md says what stands in the way of a swap.',
      );
  if (server.kind !== 'azure') {
    yield* examineOwner(master, database);
    yield* examineTies(master, database);
  }
  const inMemory = await own.rows(
    `SELECT s.name + N'.' + t.name AS name FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_memory_optimized = 1`,
  );
  if (inMemory.length > 0)
    yield fault(
      'memory-optimized tables',
      `Writers cannot be kept off these: ${list(inMemory, ({ name }) => String(name))}.`,
      'Such a database cannot be swapped safely.',
    );
  const snapshots = await snapshotsOf(master, database);
  if (snapshots.length > 0)
    yield warning(
      'snapshots of live',
      `Live has snapshots, which stay with the old database: ${list(snapshots, ({ name }) => name)}.`,
      'Make them anew after the swap.',
    );
}

/** Whoever restores a copy owns it; to give it to another one takes IMPERSONATE on that login, besides ownership. */
async function* examineOwner(master: Session, database: string): AsyncIterable<Finding> {
  const subject = 'the owner of live';
  const { held_by, is_own, may_give } = await master.row(
    `SELECT SUSER_SNAME(d.owner_sid) AS held_by, CASE WHEN d.owner_sid = SUSER_SID() THEN 1 ELSE 0 END AS is_own,
            COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(SUSER_SNAME(d.owner_sid)), N'LOGIN', N'IMPERSONATE'), 0) AS may_give
       FROM sys.databases AS d WHERE d.name = @p1`,
    [database],
  );
  if (Number(is_own) === 1) yield good(subject, `The login owns ${database}.`);
  else if (Number(may_give) === 1) yield good(subject, `Each clone is given to ${held_by}.`);
  else {
    const owner = quote(String(held_by ?? 'owner'));
    yield warning(
      subject,
      `${database} belongs to ${held_by ?? 'a login that is not there'}, to whom the login may give nothing: after a swap it belongs to the login of the release.`,
      `After the swap: ALTER AUTHORIZATION ON DATABASE::${quote(database)} TO ${owner}; or, unless that is sa: USE master; GRANT IMPERSONATE ON LOGIN::${owner} TO release_login;`,
    );
  }
}

/** What the server knows by live's name is no obstacle: it goes on with the name. */
async function* examineTies(master: Session, database: string): AsyncIterable<Finding> {
  const { known, seesJobs } = await tiesOf(master, database);
  if (!seesJobs)
    yield warning(
      'the right to look for jobs',
      `The login may not look into msdb: jobs that name ${database} are not told.`,
      'USE msdb; CREATE USER release_user FOR LOGIN release_login; GRANT SELECT ON dbo.sysjobs TO release_user; GRANT SELECT ON dbo.sysjobsteps TO release_user;',
    );
  if (!(await may(master, null, 'VIEW ANY DEFINITION')))
    yield warning(
      'the right to see logins',
      `The login does not see all others: whose default database is ${database} is not told.`,
      'USE master; GRANT VIEW ANY DEFINITION TO release_login;',
    );
  yield good(
    'what goes by the name of live',
    known.length === 0 ? 'Nothing that the login sees.' : `${list(known, (one) => one)}.`,
  );
}

async function* examineSessions(
  master: Session,
  own: Session,
  server: Server,
): AsyncIterable<Finding> {
  const [state, kill] =
    server.kind === 'azure'
      ? ['VIEW DATABASE STATE', 'KILL DATABASE CONNECTION']
      : ['VIEW SERVER STATE', 'ALTER ANY CONNECTION'];
  const where = server.kind === 'azure' ? own : master;
  const scope = server.kind === 'azure' ? own.database : null;
  const grantee =
    server.kind === 'azure' ? `USE ${quote(own.database)}; GRANT` : 'USE master; GRANT';
  const to = server.kind === 'azure' ? 'release_user' : 'release_login';
  yield (await may(where, scope, state))
    ? good('the right to see sessions', 'The login sees who works on live.')
    : warning(
        'the right to see sessions',
        'The login does not see the sessions of others: who keeps a swap waiting is not told, nor how far a clone is.',
        `${grantee} ${state} TO ${to};`,
      );
  // On a server SINGLE_USER ends them; KILL is needed after a crash only.
  const lack = server.kind === 'box' ? warning : fault;
  yield (await may(where, scope, kill))
    ? good('the right to end sessions', 'The login may end sessions on live.')
    : lack(
        'the right to end sessions',
        'The login may not end sessions: a swap that was cut off could not be finished while somebody has the only session of live.',
        `${grantee} ${kill} TO ${to};`,
      );
}

/** Who swaps by synonyms renames nothing: what counts is where they lead. */
export async function* examineSynonyms(front: string, place: Place): AsyncIterable<Finding> {
  const subject = 'synonyms';
  const own = await enter(front, place);
  if (!(own instanceof Session)) {
    yield { ...own, part: 'swap', subject };
    return;
  }
  try {
    const { count } = await own.row(
      `SELECT COUNT(*) AS count FROM sys.synonyms AS y WHERE PARSENAME(y.base_object_name, 3) = @p1`,
      [place.live],
    );
    yield toNumber(count) > 0
      ? good(subject, `${count} synonyms of ${front} lead to ${place.live}.`)
      : fault(
          subject,
          `No synonym of ${front} leads to ${place.live}, so there is nothing to swap by.`,
          `USE ${quote(front)}; CREATE SYNONYM dbo.orders FOR ${quote(place.live)}.dbo.orders;`,
        );
    yield (await may(own, front, 'ALTER')) && (await may(own, front, 'CREATE SYNONYM'))
      ? good('the right to make synonyms', `The login may make synonyms in ${front}.`)
      : fault(
          'the right to make synonyms',
          `The login may not make the synonyms of ${front} anew.`,
          `USE ${quote(front)}; GRANT ALTER, CREATE SYNONYM TO release_user;`,
        );
  } finally {
    await own.close();
  }
}

export async function* examineReplay(own: Session): AsyncIterable<Finding> {
  const replay = findingsOf('replay');
  const subject = 'the right to bring rows over';
  const missing: string[] = [];
  for (const right of ['INSERT', 'UPDATE', 'DELETE', 'ALTER'])
    if (!(await may(own, own.database, right))) missing.push(right);
  yield missing.length === 0
    ? replay.good(
        subject,
        'The login may write to the tables, as a rollback that brings rows back does.',
      )
    : replay.warning(
        subject,
        `The login has not ${list(missing, (right) => right)} in ${own.database}, which a rollback needs that brings rows back.`,
        `USE ${quote(own.database)}; GRANT ${list(missing, (right) => right)} TO release_user;`,
      );
}
