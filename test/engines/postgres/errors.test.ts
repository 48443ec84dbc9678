import { expect, test } from '@jest/globals';
import { explain } from '../../../src/engines/postgres/errors.ts';
import { GreenlightError } from '../../../src/errors.ts';

/** What a server says that speaks German: code and routine are the same in every language. */
function said(code: string, routine: string, message: string): GreenlightError {
  const explained = explain(Object.assign(new Error(message), { code, routine }), 'shop');
  if (!(explained instanceof GreenlightError)) throw new Error('It is not explained');
  return explained;
}

test.each([
  ['53200', 'LockAcquireExtended', 'Shared Memory aufgebraucht', 'max_locks_per_transaction'],
  ['53200', 'AllocSetAlloc', 'Speicher aufgebraucht', 'work_mem'],
  ['42501', 'createdb', 'keine Berechtigung, um Datenbank zu erzeugen', 'CREATEDB'],
  ['42501', 'check_enable_rls', 'Anfrage wäre von Policys betroffen', 'BYPASSRLS'],
  ['42501', 'pg_terminate_backend', 'keine Berechtigung', 'pg_signal_backend'],
  ['53300', 'InitPostgres', 'verbleibende Verbindungen sind reserviert', 'max_connections'],
  ['57P03', 'ProcessStartupPacket', 'das Datenbanksystem startet', 'log of the server'],
])('SQLSTATE %s of %s in another language', (code, routine, message, help) => {
  const { problem } = said(code, routine, message);
  expect(problem.help).toContain(help);
  expect(problem.cause).toBe(message);
});

test('of a statement that was ended in another language both causes are named', () => {
  const { what } = said('57014', 'ProcessInterrupts', 'storniere Anfrage').problem;
  expect(what).toContain('took longer');
  expect(what).toContain('somebody ended it');
});
