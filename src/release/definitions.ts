import type { Definition, Engine } from '../engines/engine.ts';
import { EXIT, GreenlightError } from '../errors.ts';
import type { ClonedRelease } from './records.ts';

export interface NamedDatabase {
  readonly kind: string;
  readonly name: string;
  readonly database: string;
  readonly roles: readonly string[];
}

/**
 * Views, macros and defaults of a database that name live, candidate or baseline. Such a text keeps its name wherever
 * the database goes: in the candidate it may read live, after the swap the old data.
 */
export function namedDatabases(
  engine: Engine,
  release: ClonedRelease,
  definitions: readonly Definition[],
): NamedDatabase[] {
  const roles = {
    live: engine.places.live,
    candidate: release.candidate,
    baseline: release.baseline,
    ...(release.control === null ? {} : { control: release.control }),
  };
  return definitions.flatMap(({ kind, name, databases }) =>
    databases.flatMap((database) => {
      const named = Object.entries(roles).flatMap(([role, at]) =>
        engine.places.names(at).some((known) => known.toLowerCase() === database.toLowerCase())
          ? [role]
          : [],
      );
      return named.length === 0 ? [] : [{ kind, name, database, roles: named }];
    }),
  );
}

/** @throws GreenlightError (refused) when a definition of the candidate names one of the databases. */
export function refuseNamedDatabases(
  engine: Engine,
  release: ClonedRelease,
  definitions: readonly Definition[],
): void {
  const found = namedDatabases(engine, release, definitions);
  if (found.length === 0) return;
  throw new GreenlightError(
    {
      what: `${found.length} stored ${found.length === 1 ? 'definition names' : 'definitions name'} a database of this release:\n${found.map(describeNamed).join('\n')}`,
      where: engine.places.describe(release.candidate),
      cause: 'such a name is kept by clone and swap, and then leads to another database than meant',
      help: 'Let a migration create them again with schema.table only, then run migrate and simulate again.',
    },
    EXIT.refused,
  );
}

export function describeNamed({ kind, name, database, roles }: NamedDatabase): string {
  return `  ${kind} ${name} names ${database} (${roles.join(', ')})`;
}
