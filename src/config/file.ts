import { readFile } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { messageOf, systemCode, UsageError } from '../errors.ts';
import type { Fault } from './faults.ts';

/** The YAML files of a project: read, parsed, and refused with every mistake at its line. */

/**
 * The text of a file that a person writes.
 * @throws UsageError when there is none, or it is not text.
 */
export async function readText(
  file: string,
  { called, help }: { readonly called: string; readonly help: string },
): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') {
      throw new UsageError({
        what: `There is no ${called}.`,
        where: file,
        help,
      });
    }
    const notText = systemCode(thrown) === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    throw new UsageError({
      what: `The ${called} cannot be read.`,
      where: file,
      cause: notText ? 'It is not text in UTF-8.' : messageOf(thrown),
    });
  }
}

export function parseYaml(text: string): { document: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true };
  return { document: parseDocument(text, options), lines };
}

/** What a text says, whatever its comments and its layout; undefined when it cannot be read as YAML. */
export function yamlContent(text: string): unknown {
  const { document } = parseYaml(text);
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS() ?? null;
  } catch {
    return undefined;
  }
}

/** An empty file is an empty map, so that the keys that it lacks are named. */
export function toPlain(document: Document, file: string, called: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch {
    throw new UsageError({
      what: `The ${called} repeats its anchors too often.`,
      where: file,
      help: 'Write the values out in place of aliases (*name).',
    });
  }
}

/** Everything that is wrong with a file, each with its line. */
export function refusal(file: string, faults: readonly Fault[], lines: LineCounter): UsageError {
  const sorted = faults.toSorted((a, b) => a.offset - b.offset);
  const told = sorted.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col} ${message}`;
  });
  const distinct = [...new Set(told)];
  return new UsageError({
    what:
      distinct.length === 1 ? `${file} has a mistake.` : `${file} has ${distinct.length} mistakes.`,
    cause: distinct.join('\n'),
  });
}
