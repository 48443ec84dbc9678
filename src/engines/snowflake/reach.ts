import { GreenlightError, type Problem } from '../../errors.ts';
import type { Location, Script } from '../engine.ts';
import { excerpt } from '../excerpt.ts';
import type { Token } from '../script.ts';
import { contentOf, identifierOf, tokensOf } from './lexis.ts';
import { locationOf, type Place, placeOf } from './names.ts';
import type { ReadyStatement } from './statements.ts';

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
  const leaving = leavingIn(statement.sql, reach.at);
  if (leaving === null) return;
  throw new GreenlightError({
    what: `${leaving.what}:\n${excerpt(statement)}`,
    where,
    cause: leaving.cause,
    help: leaving.help,
  });
}

/** Why a statement would not stay where scripts run, with their rights. */
type Leaving = Required<Pick<Problem, 'what' | 'cause' | 'help'>>;

/** Looked for at the beginning of each statement, those of blocks and of texts that are run included; null: it stays. */
function leavingIn(sql: string, at: Place, isWithinText = false): Leaving | null {
  const tokens = tokensOf(sql).filter(({ kind }) => kind !== 'blank');
  const runsTexts =
    isWithinText ||
    wordAt(tokens, 0) === 'SET' ||
    tokens.some((_, one) => /^(IMMEDIATE|PROCEDURE)$/.test(wordAt(tokens, one)));
  for (const [one, token] of tokens.entries()) {
    const found =
      token.kind === 'text' && runsTexts
        ? leavingIn(contentOf(token.text), at, true)
        : beginsStatement(tokens, one)
          ? leavingAt(tokens, one, at)
          : null;
    if (found !== null) return found;
  }
  return null;
}

function beginsStatement(tokens: readonly Token[], at: number): boolean {
  if (at === 0 || tokens[at - 1]?.text === ';') return true;
  return /^(BEGIN|THEN|ELSE|DO|LOOP|REPEAT)$/.test(wordAt(tokens, at - 1));
}

function leavingAt(tokens: readonly Token[], first: number, at: Place): Leaving | null {
  const verb = wordAt(tokens, first);
  if (verb === 'USE') return leavingByUse(tokens, first, at);
  if (verb !== 'CREATE') return null;
  let kind = first + 1;
  while (modifiers.test(wordAt(tokens, kind))) kind += 1;
  const what = wordAt(tokens, kind);
  const isDatabase = what === 'DATABASE' && wordAt(tokens, kind + 1) !== 'ROLE';
  if (!isDatabase && what !== 'SCHEMA') return null;
  let name = kind + 1;
  while (/^(IF|NOT|EXISTS)$/.test(wordAt(tokens, name))) name += 1;
  const { parts } = chainAt(tokens, name) ?? { parts: [] };
  const isOwn = parts.length < 2 || parts[0] === at.database;
  return !isDatabase && at.schema === null && isOwn ? null : elsewhere(at, `CREATE ${what}`);
}

function leavingByUse(tokens: readonly Token[], first: number, at: Place): Leaving | null {
  const [kind, third] = [wordAt(tokens, first + 1), wordAt(tokens, first + 2)];
  if (kind === 'WAREHOUSE') return null;
  if (kind === 'ROLE') return otherRights;
  if (kind === 'SECONDARY') return wordAt(tokens, first + 3) === 'NONE' ? null : otherRights;
  const isOneName =
    isName(tokens[first + 2]) &&
    third !== 'IDENTIFIER' &&
    [undefined, ';'].includes(tokens[first + 3]?.text);
  return kind === 'SCHEMA' && isOneName && at.schema === null ? null : elsewhere(at, 'USE');
}

const otherRights: Leaving = {
  what: 'The script takes other rights than those of the release',
  cause: 'what a script reaches when it runs is limited by the role of the connection alone',
  help: 'Remove it: all of a release runs as connection.role. Give that role what is missing.',
};

function elsewhere({ schema }: Place, verb: string): Leaving {
  return {
    what: 'The script looks for its names in another place than the one that it runs in',
    cause: `${verb} changes what all names behind it mean`,
    help:
      schema === null
        ? 'Remove it: scripts run in the database of the release. USE SCHEMA and CREATE SCHEMA with one name are fine.'
        : 'Remove it: scripts run in the schema of the release.',
  };
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
  return (isName ? forbiddenIn(chain.parts, true, reach) : null) ?? namedIn(text, reach);
}

function namedByChain(tokens: readonly Token[], at: number, reach: Reach): Place | null {
  if (tokens[at - 1]?.text === '.') return null;
  const chain = chainAt(tokens, at);
  if (chain === null) return null;
  return forbiddenIn(chain.parts, mayBeContainer(tokens, at), reach);
}

function forbiddenIn(parts: readonly string[], mayBeWhole: boolean, reach: Reach): Place | null {
  for (const place of reach.forbidden) {
    // `a.b` is a table in a schema, or a column of a table.
    const fewest = place.schema === null ? 3 : 2;
    if (begins(parts, place, reach) && (mayBeWhole || parts.length >= fewest)) return place;
    // What happens to a database happens to its schemas.
    if (mayBeWhole && parts.length === 1 && parts[0] === place.database)
      return { database: place.database, schema: null };
  }
  return null;
}

/** `db`, `db.schema` and, in the same database, `schema`. */
function begins(parts: readonly string[], place: Place, { at }: Reach): boolean {
  const [first, second] = parts;
  if (place.schema === null) return first === place.database;
  if (first === place.database && second === place.schema) return true;
  return at.database === place.database && first === place.schema;
}

/** Whether a database or a schema may stand here: behind a word for one, or anywhere in what is done to such things. */
function mayBeContainer(tokens: readonly Token[], at: number): boolean {
  const behind = wordBehind(tokens, at);
  const word = wordAt(tokens, behind);
  if (/^(DATABASE|SCHEMA|CLONE|IDENTIFIER|USE)$/.test(word)) return true;
  const before = wordAt(tokens, behind - 1);
  if (word === 'WITH' && before === 'SWAP') return true;
  const isOfDatabase = word === 'ROLE' && before === 'DATABASE';
  return (isOfDatabase || !otherThings.test(word)) && isAboutContainers(tokens, at);
}

/** Where the word stands that says what is named at `at`; IF EXISTS and earlier names of a list are passed over. */
function wordBehind(tokens: readonly Token[], at: number): number {
  let before = at - 1;
  for (;;) {
    while (/^(IF|NOT|EXISTS)$/.test(wordAt(tokens, before))) before -= 1;
    if (tokens[before]?.text !== ',') return before;
    before -= 1;
    while (isName(tokens[before]) && tokens[before - 1]?.text === '.') before -= 2;
    if (!isName(tokens[before])) return before;
    before -= 1;
  }
}

/** What stands behind these words has names of its own, also where they are those of a database or a schema. */
const otherThings =
  /^(TABLE|VIEW|SEQUENCE|FUNCTION|PROCEDURE|STAGE|STREAM|TASK|PIPE|COLUMN|ROLE|USER|SHARE|WAREHOUSE)$/;

/** Whether the statement around makes, changes, drops or grants something that is not a thing within a schema. */
function isAboutContainers(tokens: readonly Token[], at: number): boolean {
  let first = at;
  while (first > 0 && tokens[first - 1]?.text !== ';') first -= 1;
  while (/^(BEGIN|THEN|ELSE|DO|LOOP)$/.test(wordAt(tokens, first))) first += 1;
  const verb = wordAt(tokens, first);
  if (/^(GRANT|REVOKE|COMMENT)$/.test(verb)) return true;
  if (!/^(CREATE|ALTER|DROP|UNDROP)$/.test(verb)) return false;
  let kind = first + 1;
  while (modifiers.test(wordAt(tokens, kind))) kind += 1;
  return !withinSchemas.test(wordAt(tokens, kind));
}

const modifiers =
  /^(OR|REPLACE|ALTER|IF|NOT|EXISTS|TRANSIENT|TEMP|TEMPORARY|LOCAL|GLOBAL|VOLATILE|SECURE|RECURSIVE)$/;

const withinSchemas =
  /^(TABLE|VIEW|MATERIALIZED|DYNAMIC|EXTERNAL|HYBRID|ICEBERG|EVENT|SEQUENCE|FUNCTION|AGGREGATE|PROCEDURE|STAGE|FILE|STREAM|TASK|PIPE|TAG|MASKING|ROW|PROJECTION|AGGREGATION|ALERT|SECRET)$/;

function wordAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at];
  return token?.kind === 'word' ? token.text.toUpperCase() : '';
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'name';
}

/** `a`, `a.b`, `a..b` from here on. */
function chainAt(tokens: readonly Token[], from: number) {
  const first = tokens[from];
  if (!isName(first)) return null;
  const parts = [identifierOf(first)];
  let at = from + 1;
  while (tokens[at]?.text === '.') {
    if (tokens[at + 1]?.text === '.') {
      parts.push('PUBLIC');
      at += 1;
      continue;
    }
    const next = tokens[at + 1];
    if (!isName(next)) break;
    parts.push(identifierOf(next));
    at += 2;
  }
  return { parts, end: at };
}
