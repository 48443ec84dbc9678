import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Document, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml';
import { GreenlightError, messageOf } from '../errors.ts';
import type { Config } from './config.ts';
import type { Declared } from './expectations.ts';
import { canonicalTable, columnOf } from './expectations-schema.ts';
import { formatName } from './names.ts';

/** A declaration that a comparison proposes. */
export interface Proposal {
  /** `schema.table`; null for another object. */
  readonly table: string | null;
  readonly declares: Declared;
}

export interface Written {
  /** As the configuration writes it. */
  readonly file: string;
  /** How many of the proposals stand in the file now. */
  readonly added: number;
  /** The others: what the file says there leaves no room for them. */
  readonly left: readonly Proposal[];
}

const HEAD = ` Proposed by greenlight compare --write-expectations.
 What stands here needs no approval: keep what you intend, say why, and remove the rest.`;

/**
 * Adds declarations to the expectations file, or makes it. What stands in it stays as it is, comments too.
 * Without proposals nothing is written. The file that is there was read before: it is well-formed.
 */
export async function addToExpectations(
  { root, expectations: { file } }: Pick<Config, 'root' | 'expectations'>,
  proposals: readonly Proposal[],
): Promise<Written> {
  if (proposals.length === 0) return { file, added: 0, left: [] };
  const path = resolve(root, file);
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  const document = text.trim() === '' ? newDocument() : parseDocument(text, { stringKeys: true });
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  const left = proposals.filter((proposal) => !add(document, proposal));
  if (left.length < proposals.length) {
    await save(path, document.toString({ lineWidth: 0 }), file);
  }
  return { file, added: proposals.length - left.length, left };
}

async function save(path: string, text: string, file: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw new GreenlightError({
      what: 'The expectations file cannot be written. The comparison itself is done and recorded.',
      where: file,
      cause: messageOf(error),
      help: 'Give `expectations` in greenlight.yml a file that can be written.',
    });
  }
}

function newDocument(): Document {
  const document = new Document({ version: 1 });
  document.commentBefore = HEAD;
  return document;
}

/** False when what the file says there leaves no room. */
function add(document: Document, { table, declares }: Proposal): boolean {
  const root = document.contents as YAMLMap;
  if (declares.kind === 'object') {
    const objects = mapAt(document, root, 'objects', (key) => key);
    return objects !== null && put(document, objects, declares.object, declares.status);
  }
  const tables = mapAt(document, root, 'tables', (key) => key);
  if (tables === null || table === null) return false;
  if (declares.kind === 'table')
    return put(document, tables, keyIn(tables, table, canonicalTable), declares.status);
  const own = mapAt(document, tables, table, canonicalTable);
  if (own === null) return false;
  if (declares.kind === 'structure') return put(document, own, declares.part, 'changed');
  if (declares.kind === 'rows' && declares.column === null) {
    const rows = mapAt(document, own, 'rows', (key) => key);
    return rows !== null && append(document, rows, declares.of, claimOf(declares));
  }
  const columns = mapAt(document, own, 'columns', (key) => key);
  if (columns === null || declares.column === null) return false;
  const key = keyIn(columns, formatName([declares.column]), (name) => formatName([columnOf(name)]));
  return append(
    document,
    columns,
    key,
    declares.kind === 'rows' ? claimOf(declares) : declares.status,
  );
}

function claimOf({
  where,
  holds,
  atLeast,
  atMost,
}: Extract<Declared, { kind: 'rows' }>): Record<string, string | number> {
  return {
    ...(where === null ? {} : { where }),
    ...(holds === null ? {} : { holds }),
    at_least: atLeast,
    ...(atMost === null ? {} : { at_most: atMost }),
  };
}

/** The map at a key, made where there is none; null when something else is there. */
function mapAt(
  document: Document,
  map: YAMLMap,
  name: string,
  canonical: (key: string) => string,
): YAMLMap | null {
  const key = keyIn(map, name, canonical);
  const found = map.get(key, true) as Node | undefined;
  if (isMap(found)) return found;
  if (found !== undefined && !isEmpty(found)) return null;
  const made = document.createNode({}) as unknown as YAMLMap;
  map.set(key, made);
  return made;
}

function put(document: Document, map: YAMLMap, key: string, value: unknown): boolean {
  const found = map.get(key, true) as Node | undefined;
  if (found !== undefined && !isEmpty(found)) return false;
  map.set(key, document.createNode(value));
  return true;
}

/** One declaration stands alone; more of them, or one with `retyped`, are a list. */
function append(document: Document, map: YAMLMap, key: string, value: unknown): boolean {
  const found = map.get(key, true) as Node | undefined;
  if (found === undefined || isEmpty(found)) return put(document, map, key, value);
  if (value === 'added' || value === 'removed') return false;
  if (isSeq(found)) {
    found.add(document.createNode(value));
    return true;
  }
  const fits = isMap(found) || (isScalar(found) && found.value === 'retyped');
  if (!fits) return false;
  const both = document.createNode([]) as unknown as { items: unknown[] };
  both.items.push(found, document.createNode(value));
  map.set(key, both);
  return true;
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

/** The key as the file spells it. */
function keyIn(map: YAMLMap, name: string, canonical: (key: string) => string): string {
  const keys = map.items.map(({ key }) => String(isScalar(key) ? key.value : key));
  return keys.find((key) => canonical(key) === name) ?? name;
}
