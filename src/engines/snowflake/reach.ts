import { GreenlightError } from '../../errors.ts';
import type { Location, Script } from '../engine.ts';
import { excerpt } from '../excerpt.ts';
import type { Token } from '../script.ts';
import { contentOf, identifierOf, tokensOf } from './lexis.ts';
import { locationOf, type Place, placeOf } from './names.ts';
import { type ReadyStatement, wordsOf } from './statements.ts';

/** What no script of a session may name. */
export interface Reach {
  readonly at: Place;
  readonly forbidden: readonly Place[];
}

export function reachOf(at: Place, forbidden: readonly Location[]): Reach {
  return { at, forbidden: forbidden.map(placeOf) };
}

/**
 * Every database of the account is a name away. What is put together when a script runs cannot be seen; its pieces can.
 * @throws GreenlightError when the statement names what it must not touch, or looks for its names elsewhere.
 */
export function refuseForbidden(script: Script, statement: ReadyStatement, reach: Reach): void {
  const where = `${script.file}:${statement.line}`;
  const named = namedIn(statement.sql, reach);
  if (named !== null) {
    throw new GreenlightError({
      what: `The script names a ${named.schema === null ? 'database' : 'schema'} that it must not touch: live, another one of the release, or the ledger.\n${excerpt(statement)}`,
      where,
      cause: `it names ${locationOf(named)}`,
      help: 'Scripts work on the database or schema that they run in. Leave its name out, in texts as well.',
    });
  }
  if (!entersElsewhere(statement, reach.at)) return;
  throw new GreenlightError({
    what: `The script looks for its names in another place than the one that it runs in:\n${excerpt(statement)}`,
    where,
    cause: 'USE changes what all names behind it mean',
    help:
      reach.at.schema === null
        ? 'Remove it: scripts run in the database of the release. USE SCHEMA with one name is fine.'
        : 'Remove it: scripts run in the schema of the release.',
  });
}

function entersElsewhere(statement: ReadyStatement, at: Place): boolean {
  const [first, second = '', , fourth] = wordsOf(statement);
  if (first !== 'USE' || /^(WAREHOUSE|ROLE|SECONDARY)$/.test(second)) return false;
  return at.schema !== null || second !== 'SCHEMA' || fourth === '.';
}

/** The first forbidden place that the SQL names; texts in it are looked into, for they may be SQL as well. */
function namedIn(sql: string, reach: Reach): Place | null {
  const tokens = tokensOf(sql).filter(({ kind }) => kind !== 'blank');
  for (const [at, token] of tokens.entries()) {
    const found =
      token.kind === 'text'
        ? namedInText(contentOf(token.text), reach)
        : namedByChain(tokens, at, reach);
    if (found !== null) return found;
  }
  return null;
}

/** A text that is nothing but a name, or SQL in which there is one. */
function namedInText(text: string, reach: Reach): Place | null {
  const tokens = tokensOf(text.trim());
  const chain = chainAt(tokens, 0);
  const isName = chain !== null && chain.end === tokens.length;
  const found = isName ? reach.forbidden.find((place) => begins(chain.parts, place, reach)) : null;
  return found ?? namedIn(text, reach);
}

/** Behind these words stands a database or a schema. */
const ofContainers = /^(DATABASE|SCHEMA|CLONE|WITH|IDENTIFIER)$/;

function namedByChain(tokens: readonly Token[], at: number, reach: Reach): Place | null {
  if (tokens[at - 1]?.text === '.') return null;
  const chain = chainAt(tokens, at);
  if (chain === null) return null;
  const before = tokens[at - 1];
  const isContainer = before?.kind === 'word' && ofContainers.test(before.text.toUpperCase());
  const { parts } = chain;
  const found = reach.forbidden.find((place) => {
    if (!begins(parts, place, reach)) return false;
    // `a.b` is a table in a schema, or a column of a table.
    const fewest = place.schema === null ? 3 : 2;
    return isContainer || parts.length >= fewest;
  });
  return found ?? null;
}

/** `db`, `db.schema` and, in the same database, `schema`. */
function begins(parts: readonly string[], place: Place, { at }: Reach): boolean {
  const [first, second] = parts;
  if (place.schema === null) return first === place.database;
  if (first === place.database && second === place.schema) return true;
  return at.database === place.database && first === place.schema;
}

/** `a`, `a.b`, `a..b` from here on. */
function chainAt(tokens: readonly Token[], from: number) {
  const isName = (token: Token | undefined) => token?.kind === 'word' || token?.kind === 'name';
  const first = tokens[from];
  if (first === undefined || !isName(first)) return null;
  const parts = [identifierOf(first)];
  let at = from + 1;
  while (tokens[at]?.text === '.') {
    if (tokens[at + 1]?.text === '.') {
      parts.push('PUBLIC');
      at += 1;
      continue;
    }
    const next = tokens[at + 1];
    if (next === undefined || !isName(next)) break;
    parts.push(identifierOf(next));
    at += 2;
  }
  return { parts, end: at };
}
