import { usualStatementTimeout } from '../connection-options.ts';
import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import { isNotKnown } from './catalog-scope.ts';
import type { Row, Session } from './connection.ts';
import { codeBehind } from './errors.ts';
import type { Examined } from './examiner.ts';
import { likeLiteral, plain, quote } from './names.ts';
import type { SnowflakeOptions } from './options.ts';
import type { Rights } from './rights.ts';

/** Where statements run, and what would end them there. */
export async function* examineWarehouse(
  session: Session,
  { options }: Examined,
  rights: Rights,
): AsyncIterable<Finding> {
  const { good, fault } = findingsOf('connection');
  const { warehouse } = await session.row('SELECT CURRENT_WAREHOUSE() AS "warehouse"');
  const role = plain(rights.role);
  if (warehouse === null) {
    const named = options.warehouse;
    yield fault(
      'warehouse',
      named === null
        ? 'None is named, and the user has no default.'
        : `There is no ${plain(named)}, or role ${role} may not use it.`,
      named === null
        ? 'Name one in connection.warehouse.'
        : `Its owner can allow it: GRANT USAGE ON WAREHOUSE ${plain(named)} TO ROLE ${role};`,
    );
    return;
  }
  const name = String(warehouse);
  yield good('warehouse', `Statements run in ${plain(name)}.`);
  const shown = await session.rows(`SHOW WAREHOUSES LIKE ${likeLiteral(name)}`);
  yield* examineState(shown.find((row) => row.name === name) ?? {}, name);
  yield* examineTimeout(session, options, name);
  yield* examineMonitor(session, shown.find((row) => row.name === name) ?? {}, name, role);
  if (options.warehouseSize === null) return;
  const subject = 'size of the warehouse';
  if (rights.has('MODIFY', 'WAREHOUSE', quote(name)) || rights.has('MODIFY', 'WAREHOUSE', name)) {
    yield good(subject, `It may be set to ${options.warehouseSize}.`);
    return;
  }
  yield fault(
    subject,
    `Role ${role} may not change it, and connection.warehouse_size is set.`,
    `Its owner can allow it: GRANT MODIFY ON WAREHOUSE ${plain(name)} TO ROLE ${role};`,
  );
}

/** One that stands still is resumed by a statement only where AUTO_RESUME is on (docs: CREATE WAREHOUSE). */
function* examineState({ state, auto_resume }: Row, name: string): Iterable<Finding> {
  if (state !== 'SUSPENDED' || String(auto_resume) !== 'false') return;
  yield findingsOf('connection').fault(
    'state of the warehouse',
    `${plain(name)} stands still, and no statement resumes it.`,
    `Its owner can let it: ALTER WAREHOUSE ${plain(name)} SET AUTO_RESUME = TRUE;`,
  );
}

/** Of session and warehouse, the lower limit counts (docs: STATEMENT_TIMEOUT_IN_SECONDS). */
async function* examineTimeout(
  session: Session,
  { statementTimeoutS }: SnowflakeOptions,
  name: string,
): AsyncIterable<Finding> {
  const parameter = 'STATEMENT_TIMEOUT_IN_SECONDS';
  const limitIn = async (where: string) => {
    const rows = await session.rows(`SHOW PARAMETERS LIKE '${parameter}' IN ${where}`);
    return Number(rows.find(({ key }) => key === parameter)?.value ?? 0);
  };
  const { good, warning } = findingsOf('connection');
  const subject = 'time limit of a statement';
  const own = statementTimeoutS === 0 ? await limitIn('SESSION') : statementTimeoutS;
  const ofWarehouse = await limitIn(`WAREHOUSE ${quote(name)}`);
  if (ofWarehouse === 0 || (own !== 0 && ofWarehouse >= own)) {
    yield good(subject, own === 0 ? 'There is none.' : `It is ${own} seconds.`);
    return;
  }
  yield warning(
    subject,
    `${plain(name)} ends each after ${ofWarehouse} seconds, before ${own === 0 ? 'anything else does' : `connection.statement_timeout does (${own} seconds; ${usualStatementTimeout.written} when nothing is written)`}: what compares a large table may be ended.`,
    `Its owner can allow more: ALTER WAREHOUSE ${plain(name)} SET ${parameter} = ${own};`,
  );
}

/** Credits that are used up end what runs, or let nothing begin (docs: "Working with resource monitors"). */
async function* examineMonitor(
  session: Session,
  { resource_monitor }: Row,
  name: string,
  role: string,
): AsyncIterable<Finding> {
  const monitor = String(resource_monitor ?? 'null');
  if (monitor === '' || monitor === 'null') return;
  const { good, warning, fault } = findingsOf('connection');
  const subject = 'resource monitor';
  const shown = await session
    .rows(`SHOW RESOURCE MONITORS LIKE ${likeLiteral(monitor)}`)
    .catch((error) => {
      if (isNotKnown(error) || codeBehind(error) === '002003') return [];
      throw error;
    });
  const own = shown.find((row) => row.name === monitor);
  if (own === undefined) {
    yield warning(
      subject,
      `${plain(monitor)} limits the credits of ${plain(name)}, and role ${role} may not see how many are left.`,
      `An administrator can allow it: GRANT MONITOR ON RESOURCE MONITOR ${plain(monitor)} TO ROLE ${role};`,
    );
    return;
  }
  const [left, quota] = [Number(own.remaining_credits), Number(own.credit_quota)];
  const found = `${plain(monitor)} leaves ${plain(name)} ${left} of ${quota} credits.`;
  const help = `Raise it, or name another connection.warehouse: ALTER RESOURCE MONITOR ${plain(monitor)} SET CREDIT_QUOTA = ${2 * quota};`;
  if (left <= 0) yield fault(subject, found, help);
  else if (left < quota / 10) yield warning(subject, found, help);
  else yield good(subject, found);
}
