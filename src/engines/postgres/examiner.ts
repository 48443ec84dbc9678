import { messageOf } from '../../errors.ts';
import type { Examiner, Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { Session } from './connection.ts';
import type { Place } from './names.ts';
import type { PostgresOptions } from './options.ts';

export function postgresExaminer(live: Place, options: PostgresOptions): Examiner {
  return { examine: () => examine(live, options) };
}

const connection = findingsOf('connection');

async function* examine(live: Place, options: PostgresOptions): AsyncIterable<Finding> {
  try {
    const { version } = await Session.use(
      live.database,
      options,
      { purpose: 'doctor', readOnly: true },
      (session) => session.row(`SELECT current_setting('server_version') AS version`),
    );
    yield connection.good('session on live', `The server is PostgreSQL ${version}.`);
  } catch (error) {
    yield connection.thrown('session on live', error, messageOf);
  }
}
