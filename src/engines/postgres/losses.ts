import type { Catalog } from '../engine.ts';
import { objectsByName } from '../objects.ts';
import { list } from '../sql.ts';

/** What a database holds, but for its rows. */
export type Held = Pick<Catalog, 'relations' | 'objects'>;

/** What the copy has not, or not as the source has it, for people; both as of one instant. */
export function lossesOf(source: Held, copy: Held): string[] {
  const [wanted, there] = [textsOf(source), textsOf(copy)];
  const losses: string[] = [];
  const respelt: string[] = [];
  const missing = (name: string) => wanted.has(name) && !there.has(name);
  for (const [name, text] of wanted) {
    const copied = there.get(name);
    const about = describedBy(name);
    if (about !== null && missing(about)) continue;
    if (copied === undefined) losses.push(name);
    else if (copied === text) continue;
    else if (inOtherWords(copied) === inOtherWords(text)) respelt.push(name);
    else losses.push(`${name} as live has it${told(name, text, copied)}`);
  }
  for (const name of there.keys()) if (!wanted.has(name)) losses.push(`a state without ${name}`);
  if (respelt.length > 0)
    losses.push(
      `the spelling of ${list(respelt, (name) => name)}: PostgreSQL has written it anew, from the same words`,
    );
  return losses;
}

function textsOf({ relations, objects }: Held): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { kind, schema, name, columns, definition } of relations)
    texts.set(`${kind} ${schema}.${name}`, JSON.stringify([columns, definition]));
  for (const { kind, name, definition } of objectsByName(objects).values())
    texts.set(`${kind} ${name}`, definition);
  return texts;
}

/**
 * Read from its own text, an expression is written with other casts and brackets: `x IN (...)` over a varchar is the one
 * that everybody has.
 */
function inOtherWords(text: string): string {
  return text.replace(cast, '').replace(/[()\s]/g, '');
}

const cast =
  /::(?:(?:"[^"]+"|\w+)\.)?(?:"[^"]+"|character varying|bit varying|double precision|\w+)(?:\([\d,]+\))?(?: with(?:out)? time zone)?(?:\[\])*/g;

/** What is said of an object goes with it. */
function describedBy(name: string): string | null {
  return /^(?:owner|grants|comment|security label) (.*)$/s.exec(name)?.[1] ?? null;
}

/** Where both texts are short, and words of PostgreSQL's own rather than of somebody's definition. */
function told(name: string, text: string, copied: string): string {
  const isPlain = /^(extension|owner|grants|default privileges|populated) /.test(name);
  return isPlain ? ` (${text}; the clone: ${copied})` : '';
}
