import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  stringify,
  visit,
  type YAMLError,
} from 'yaml';
import type { z } from 'zod';
import { nearest } from './names.ts';
import type { JsonSchema } from './schema.ts';
import type { VariableFault } from './variables.ts';

/** Something wrong at a place of the file, told so that the reader can put it right. */
export interface Fault {
  readonly offset: number;
  readonly message: string;
  /** The file cannot be read any further. */
  readonly fatal?: boolean;
}

// YAML ---------------------------------------------------------------------------------------------

/**
 * Own words for what YAML finds. The library's are not used: some of them repeat a piece of the file,
 * and that piece may be a password.
 */
const YAML_FAULTS: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'this alias is not well-formed.',
  BAD_DQ_ESCAPE: 'this is no escape of YAML. Write \\\\ for a backslash, or use single quotes.',
  BAD_INDENT:
    'the indentation is wrong. Keys of one map start in the same column; what [ or { opens, ] or } closes.',
  BAD_SCALAR_START: 'a value cannot start with this character. Put the value in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'a second key is on this line. Put it on its own, or the value in quotes.',
  MISSING_CHAR: 'a closing quote or bracket, or a comma, is missing here.',
  MULTIPLE_DOCS: 'a second document begins here (---). The file holds one.',
  NON_STRING_KEY: 'a key must be a text.',
  TAB_AS_INDENT: 'a tab indents this line. Use spaces.',
  TAG_RESOLVE_FAILED: 'tags (!name) have no meaning here. Remove it, or put the value in quotes.',
  UNEXPECTED_TOKEN:
    'this does not belong here. A quote, a bracket or a line break is missing before it, or the value needs quotes.',
};

/** What is wrong with the file as YAML. Only a key that is written twice allows reading on. */
export function syntaxFaults(document: Document.Parsed): Fault[] {
  const faults = [...document.errors, ...document.warnings].map(toFault);
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.value !== '__proto__') return;
      faults.push({ offset: key.range?.[0] ?? 0, message: '`__proto__` cannot be a key.' });
    },
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message =
        '`*` at the start of a value is an alias in YAML. Put a pattern in quotes: "*.name".';
      faults.push({ offset: alias.range?.[0] ?? 0, message, fatal: true });
    },
  });
  return faults.some((fault) => fault.fatal) ? firstOfEachCause(faults) : faults;
}

function toFault(error: YAMLError): Fault {
  return error.code === 'DUPLICATE_KEY'
    ? { offset: error.pos[0], message: 'this key is written twice. Keep one of the two.' }
    : {
        offset: error.pos[0],
        message: YAML_FAULTS[error.code] ?? 'this is not well-formed YAML.',
        fatal: true,
      };
}

/** After a first unexpected token, more of them are its consequences. */
function firstOfEachCause(faults: readonly Fault[]): Fault[] {
  const messages = new Set<string>();
  return faults.filter(({ message }) => {
    const isNew = !messages.has(message);
    messages.add(message);
    return isNew;
  });
}

// Variables ----------------------------------------------------------------------------------------

/** @param text the file, in which the variable itself is found behind the start of its value. */
export function variableFaults(faults: readonly VariableFault[], text: string): Fault[] {
  return faults.map((fault) => {
    const start = fault.node.range?.[0] ?? 0;
    const offset = text.indexOf(fault.text, start);
    return { offset: offset === -1 ? start : offset, message: fault.message };
  });
}

// Schema -------------------------------------------------------------------------------------------

type Issue = z.core.$ZodIssue;

/** What is known of a kind of file. */
export interface Format {
  readonly schema: JsonSchema;
}

interface Written {
  readonly document: Document;
  readonly text: string;
  readonly format: Format;
  /** Nodes that lack a variable. */
  readonly incomplete: ReadonlySet<unknown>;
}

/** What the schema refuses, at its place in the file. A value that lacks a variable is told elsewhere. */
export function schemaFaults(
  issues: readonly Issue[],
  document: Document,
  text: string,
  format: Format,
  variables: readonly VariableFault[] = [],
): Fault[] {
  const incomplete = new Set<unknown>(variables.map((fault) => fault.node));
  return issues.flatMap((issue) => explain(issue, [], { document, text, format, incomplete }));
}

function explain(issue: Issue, above: readonly PropertyKey[], written: Written): Fault[] {
  const { document, text, format, incomplete } = written;
  const path = [...above, ...issue.path];
  const { node, offset, keyOffset } = find(document, path);
  if (incomplete.has(node)) return [];

  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      offset: find(document, [...path, key]).keyOffset,
      message: unknownKey(path, key, format),
    }));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((errors) => !errors.some(isAboutKind));
    if (meant) return meant.flatMap((inner) => explain(inner, path, written));
  }
  if (node === null && issue.code !== 'custom') {
    return [{ offset, message: `${name(path)} is missing.${example(path, format.schema)}` }];
  }
  switch (issue.code) {
    case 'invalid_union':
      return [{ offset, message: wrongKind(path, issue.errors.flat(), node, format) }];
    case 'invalid_type':
      return [{ offset, message: wrongKind(path, [issue], node, format) }];
    case 'invalid_value': {
      const shown = excerpt(text.slice(...(node?.range ?? [0, 0])));
      const told = shown === '' ? ' has no value' : `: \`${shown}\` is not allowed`;
      const message = `${name(path)}${told}. Write ${oneOf(issue.values)}.`;
      return [{ offset, message }];
    }
    default: {
      const told = `${name(path)} ${issue.message}.`;
      return issue.code === 'custom' && issue.params?.at === 'key'
        ? [{ offset: keyOffset, message: told }]
        : [{ offset, message: `${told}${example(path, format.schema)}` }];
    }
  }
}

function unknownKey(path: readonly PropertyKey[], key: string, format: Format): string {
  const told = name([...path, key]);
  const known = Object.keys(describedAt(path, format.schema)?.properties ?? {});
  const meant = nearest(key, known);
  return `${told} is not a known key. ${meant === null ? `Known are ${list(known)}.` : `Did you mean \`${meant}\`?`}`;
}

/** True for a branch of a union that is for another kind of value: a text in place of a map. */
function isAboutKind(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.path.length === 0;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true/false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function wrongKind(
  path: readonly PropertyKey[],
  issues: readonly Issue[],
  node: Node | null,
  { schema }: Format,
): string {
  const kinds = issues.map((issue) => KINDS[issue.code === 'invalid_type' ? issue.expected : '']);
  const expected = kinds.join(', ').replace(/, ([^,]*)$/, ' or $1');
  return `${name(path)} must be ${expected}, ${actualKind(node)}.${example(path, schema)}`;
}

function actualKind(node: Node | null): string {
  if (isMap(node)) return 'not a map';
  if (isSeq(node)) return 'not a list';
  const value = isScalar(node) ? node.value : null;
  if (typeof value === 'number' && !Number.isFinite(value)) return `not ${String(value)}`;
  return value === null ? 'and has no value' : `not ${KINDS[typeof value]}`;
}

// Places in the file -------------------------------------------------------------------------------

/** Where what is at a path of the file begins. */
export function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  return find(document, path).offset;
}

/** Where its key begins. */
export function keyOffsetOf(document: Document, path: readonly PropertyKey[]): number {
  return find(document, path).keyOffset;
}

interface Found {
  /** Null when nothing is at the path. */
  readonly node: Node | null;
  /** Where to point: at the node, else at its key, else at the key of the map that lacks it. */
  readonly offset: number;
  readonly keyOffset: number;
}

function find(document: Document, path: readonly PropertyKey[]): Found {
  let node: Node | null = document.contents;
  let keyOffset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      // Of a key that is written twice, the last one is in force.
      const pair: Pair | undefined = node.items.findLast(
        ({ key }) => String(isScalar(key) ? key.value : key) === String(step),
      );
      if (pair === undefined) return { node: null, offset: keyOffset, keyOffset };
      keyOffset = (pair.key as Node).range?.[0] ?? keyOffset;
      node = (pair.value ?? null) as Node | null;
    } else {
      node = isSeq(node) ? ((node.items[Number(step)] ?? null) as Node | null) : null;
      keyOffset = node?.range?.[0] ?? keyOffset;
    }
  }
  const isEmpty = isScalar(node) && node.value === null;
  return { node, offset: isEmpty ? keyOffset : (node?.range?.[0] ?? keyOffset), keyOffset };
}

// Words --------------------------------------------------------------------------------------------

/** `simulate.run[0].command`, in the quotes of code. */
function name(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  const text = path
    .map((step) =>
      typeof step === 'string' && /^[\w ]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`,
    )
    .join('')
    .replace(/^\./, '');
  return `\`${text}\``;
}

/** What to write, from the examples of the schema. Inside a list: the list's. */
function example(path: readonly PropertyKey[], schema: JsonSchema): string {
  const keys = path.slice(0, path.findLastIndex((step) => typeof step === 'string') + 1);
  const value = describedAt(keys, schema)?.examples?.[0];
  if (value === undefined) return '';
  const written = stringify(
    { [String(keys.at(-1))]: value },
    { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 },
  );
  return ` Example: \`${written.trim().replace(/^\{(.*)\}$/s, '$1')}\``;
}

/** What the JSON Schema says of the value at a path of the file. */
function describedAt(path: readonly PropertyKey[], schema: JsonSchema): JsonSchema | undefined {
  let described: JsonSchema | undefined = schema;
  for (const step of path) {
    const variants: readonly JsonSchema[] = [described ?? {}, ...(described?.anyOf ?? [])];
    described = variants
      .map((variant) => child(variant, step))
      .find((found) => found !== undefined);
  }
  const variants = [described ?? {}, ...(described?.anyOf ?? [])];
  return variants.find((variant) => variant.properties !== undefined) ?? described;
}

function child(described: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  if (typeof step === 'number') return described.items;
  const { properties, additionalProperties } = described;
  const other = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return properties?.[String(step)] ?? other;
}

function list(words: readonly unknown[]): string {
  return words.map((word) => `\`${String(word)}\``).join(', ');
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? list(values) : `one of ${list(values)}`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
