import { once } from 'node:events';
import { createRequire } from 'node:module';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { syntax } from './errors.ts';

/** A node of the syntax tree: what the grammar gives is only walked, never trusted to have a shape. */
export type Node = Record<string, unknown>;

interface Answer<Result> {
  readonly success: boolean;
  readonly error: string | null;
  readonly result: Result | null;
}

/**
 * The grammar in a thread of its own, which is waited for: it calls itself so deep, also for statements that nobody would
 * call deep, that the stack of this thread does not last.
 */
class Grammar {
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));

  private constructor(port: MessagePort) {
    this.#port = port;
  }

  static async load(): Promise<Grammar> {
    const { port1, port2 } = new MessageChannel();
    const grammar = new Grammar(port1);
    const worker = new Worker(thread, {
      eval: true,
      workerData: { port: port2, signal: grammar.#signal, path: require.resolve(packageName) },
      transferList: [port2],
      resourceLimits: { stackSizeMb: 64 },
    });
    await once(worker, 'message');
    // Nothing is kept alive for them.
    worker.unref();
    port1.unref();
    return grammar;
  }

  ask<Result>(method: string, ...args: readonly unknown[]): Answer<Result> {
    Atomics.store(this.#signal, 0, 0);
    this.#port.postMessage([method, args]);
    // The answer before may wake us once more: it is told after it can be read.
    while (Atomics.load(this.#signal, 0) === 0) Atomics.wait(this.#signal, 0, 0);
    const { message } = receiveMessageOnPort(this.#port) as { message: Record<string, unknown> };
    const { success, error, ast, sql } = message;
    return {
      success: success === true,
      error: typeof error === 'string' ? error : null,
      result: (ast ?? sql ?? null) as Result | null,
    };
  }
}

const require = createRequire(import.meta.url);
const packageName = '@polyglot-sql/sdk';

// Its module for import() does not load on Node 20.
const thread = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { port, signal, path } = workerData;
  const polyglot = require(path);
  polyglot.init().then(() => {
    port.on('message', ([method, args]) => {
      let answer;
      try {
        answer = polyglot[method](...args);
      } catch (error) {
        answer = { success: false, error: String(error) };
      }
      port.postMessage(answer);
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    });
    parentPort.postMessage('ready');
  });`;

let grammar: Grammar;

export async function loadGrammar(): Promise<void> {
  grammar ??= await Grammar.load();
}

/** One statement of Snowflake's, as a tree. */
export function parse(sql: string): Node {
  const { success, result: ast, error } = grammar.ask<Node[]>('parse', sql, 'snowflake');
  if (!success || ast === null) throw syntax(error ?? '');
  const [statement, ...more] = ast;
  if (statement === undefined) throw syntax('line 0 at position 0 unexpected end of input.');
  if (more.length > 0)
    throw syntax('Actual statement count 2 did not match the desired statement count 1.');
  return withQuotes(statement, sql) as Node;
}

/** The grammar forgets that some names were quoted: those of an alias's columns. Where they stand, it can be seen. */
function withQuotes(value: unknown, sql: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withQuotes(one, sql));
  if (!isNode(value)) return value;
  const made = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withQuotes(one, sql)]),
  );
  const { quoted, span } = value;
  if (quoted !== false || !isNode(span)) return made;
  return sql[Number(span.start)] === '"' ? { ...made, quoted: true } : made;
}

export function write(ast: Node): string {
  const { success, result, error } = grammar.ask<string[]>('generate', [ast], 'snowflake');
  if (!success || result?.[0] === undefined) throw syntax(error ?? '');
  return result[0];
}

export function toDuck(sql: string): string {
  const { success, result, error } = grammar.ask<string[]>('transpile', sql, 'snowflake', 'duckdb');
  if (!success || result?.[0] === undefined) throw syntax(error ?? '');
  return result[0];
}

/** A type as it was written. */
export function writeType(type: unknown): string {
  const { success, result, error } = grammar.ask<string>('generateDataType', type, 'snowflake');
  if (!success || result === null) throw syntax(error ?? '');
  return result;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
