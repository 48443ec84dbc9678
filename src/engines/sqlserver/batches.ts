import { GreenlightError } from '../../errors.ts';
import type { Script } from '../engine.ts';
import { lineBreaksIn } from '../script.ts';
import { type Token, tokensOf } from './lexer.ts';

/** What a file holds between two lines of `GO`: sent as one, and the scope of what it declares. */
export interface Batch {
  /** With the values of `sqlcmd` variables in it; begins with the first line that is not blank. */
  readonly text: string;
  /** Where the text begins in the file; counts from 1. */
  readonly line: number;
  /** `GO 5`: how often it runs. */
  readonly times: number;
}

/**
 * Splits a file as `sqlcmd` and Management Studio do: at lines that hold nothing but `GO`, and a number where the batch
 * runs more than once. In a text, a name in quotes or a comment `GO` is no separator. `$(name)` is filled, with what
 * `:setvar` says from there on, else with what is given (null: all stay as they are written); `:` commands that do more are refused by their name.
 *
 * @throws GreenlightError, with file and line.
 */
export function batchesOf(
  script: Script,
  given: ReadonlyMap<string, string> | null = new Map(),
): Batch[] {
  const variables = new Map([...(given ?? [])].map(([name, value]) => [name.toLowerCase(), value]));
  const batches: Batch[] = [];
  let lines: string[] = [];
  let [first, reading] = [1, plain];
  const finish = (times: number, next: number) => {
    const batch = trimmed({ text: lines.join(''), line: first, times });
    if (batch !== null) batches.push(batch);
    [lines, first] = [[], next];
  };
  const all = script.text.replace(/^\uFEFF/, '').matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g);
  for (const [at, [, line = '', lineBreak = '']] of [...all].entries()) {
    const where = `${script.file}:${at + 1}`;
    if (reading.within === 'code') {
      const separator = GO.exec(line);
      if (separator !== null) {
        finish(separator[1] === undefined ? 1 : Number(separator[1]), at + 2);
        continue;
      }
      if (COMMAND.test(line)) {
        obey(line.trim(), variables, where);
        // Lines keep their numbers.
        lines.push(lineBreak);
        continue;
      }
    }
    const read = readLine(line, reading, given && variables, where);
    lines.push(read.text + lineBreak);
    reading = read.next;
  }
  finish(1, 0);
  return batches;
}

const GO = /^\s*go(?:\s+(\d+))?\s*(?:--.*)?$/i;
/** `:r file`, and the commands that need no colon. */
const COMMAND = /^\s*(?::\w|:!!|!!|(?:quit|exit|reset|ed)\b\s*(?:\(.*)?$)/i;

/** A batch of nothing but white space and comments is none. */
function trimmed({ text, line, times }: Batch): Batch | null {
  const code = tokensOf(text).filter(({ kind, closed }) => kind !== 'blank' || !closed);
  if (code.every((token) => token.text === ';')) return null;
  const blank = /^(?:[ \t]*(?:\r\n|\r|\n))*/.exec(text)?.[0] ?? '';
  return { text: text.slice(blank.length).trimEnd(), line: line + lineBreaksIn(blank), times };
}

/** `:setvar name value`, or without a value, which forgets it. */
function obey(line: string, variables: Map<string, string>, where: string): void {
  const [, name, quoted, bare] =
    /^:setvar\s+([^\s"]+)(?:\s+(?:"((?:[^"]|"")*)"|(\S+)))?\s*$/i.exec(line) ?? [];
  if (name !== undefined) {
    const value = quoted?.replaceAll('""', '"') ?? bare;
    if (value === undefined) variables.delete(name.toLowerCase());
    else variables.set(name.toLowerCase(), value);
    return;
  }
  // It is what happens anyway.
  if (/^:on\s+error\s+exit$/i.test(line)) return;
  const [command = line] = /^:?!!|^:?\w+/.exec(line) ?? [];
  throw new GreenlightError({
    what: `\`${command}\` is a command of sqlcmd that cannot be obeyed here.`,
    where,
    cause: line,
    help:
      command.toLowerCase() === ':r'
        ? 'Name the other file in greenlight.yml, in its place in the order: then its content is part of what is hashed, and its errors have their own lines.'
        : 'Known are GO, :setvar and :on error exit. What it does belongs into greenlight.yml, or into a command of the run list.',
  });
}

// ---------------------------------------------------------------------------------------------
// Lines

/** What a line begins within: the mark that ends it, and for comments how deep they are nested. */
interface Reading {
  readonly within: 'code' | "'" | '"' | ']' | 'comment';
  readonly depth: number;
}

const plain: Reading = { within: 'code', depth: 0 };

/** Fills the variables of a line, and tells what the next one begins within. */
function readLine(
  line: string,
  begun: Reading,
  variables: ReadonlyMap<string, string> | null,
  where: string,
): { readonly text: string; readonly next: Reading } {
  let { within, depth } = begun;
  let text = '';
  for (let at = 0; at < line.length; ) {
    const two = line.slice(at, at + 2);
    const one = line[at] ?? '';
    if (within === 'comment') {
      if (two === '/*' || two === '*/') {
        depth += two === '/*' ? 1 : -1;
        if (depth === 0) within = 'code';
        text += two;
        at += 2;
        continue;
      }
    } else if (two === '$(' && variables !== null) {
      const { written, value } = variableAt(line.slice(at), within === "'", variables, where);
      text += value;
      at += written;
      continue;
    } else if (within === 'code') {
      if (two === '--') return { text: text + line.slice(at), next: plain };
      if (two === '/*') {
        [within, depth] = ['comment', 1];
        text += two;
        at += 2;
        continue;
      }
      if (one === "'" || one === '"') within = one;
      else if (one === '[') within = ']';
    } else if (one === within) within = 'code';
    text += one;
    at += 1;
  }
  return { text, next: { within, depth } };
}

/** Within a text, what no variable has this name may be data: it stays. */
function variableAt(
  rest: string,
  isText: boolean,
  variables: ReadonlyMap<string, string>,
  where: string,
): { readonly written: number; readonly value: string } {
  const [whole, name = ''] = /^\$\(([^\s()]+)\)/.exec(rest) ?? [];
  const value = variables.get(name.toLowerCase());
  if (whole !== undefined && value !== undefined) return { written: whole.length, value };
  if (isText || whole === undefined) return { written: 2, value: '$(' };
  throw new GreenlightError({
    what: `The variable ${whole} has no value.`,
    where,
    help: `Write :setvar ${name} "..." before it. The environment is not looked at.`,
  });
}

/** Where a batch's own line stands in the file. */
export function lineIn({ line }: Batch, own: number | null): number {
  return line + Math.max(1, own ?? 1) - 1;
}

/** Line of a token, from 1. */
export function lineOf(sql: string, { at }: Token): number {
  return lineBreaksIn(sql.slice(0, at)) + 1;
}
