import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { messageOf, systemCode, UsageError } from '../errors.ts';
import type { Config } from './config.ts';
import { type Fault, schemaFaults, syntaxFaults, variableFaults } from './faults.ts';
import { type ConfigFile, configSchema } from './schema.ts';
import { maskVariables, replaceVariables } from './variables.ts';

/**
 * Reads a configuration file, puts in the environment's variables and fills in every default.
 *
 * @param file as the person named it; error messages repeat it so.
 * @throws UsageError that lists everything that is wrong with the file, each with its line and what to write instead.
 *   No value of the environment, and no value of the connection, is in it.
 */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const text = await readText(file);
  const lines = new LineCounter();
  const document = parseDocument(maskVariables(text), {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const unreadable = syntaxFaults(document);
  if (unreadable.some((fault) => fault.fatal)) throw refusal(file, unreadable, lines);

  const variables = replaceVariables(document, env);
  const written = configSchema.safeParse(toPlain(document, file));
  const faults = [
    ...unreadable,
    ...variableFaults(variables.faults, text),
    ...schemaFaults(written.error?.issues ?? [], document, text, variables.faults),
  ];
  if (faults.length > 0 || !written.success) throw refusal(file, faults, lines);
  return toConfig(resolve(file), variables.ofConnection, written.data);
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') {
      throw new UsageError({
        what: 'There is no configuration file.',
        where: file,
        help: 'Run `greenlight init` to write one, or name another with --config.',
      });
    }
    const notText = systemCode(thrown) === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    throw new UsageError({
      what: 'The configuration file cannot be read.',
      where: file,
      cause: notText ? 'It is not text in UTF-8.' : messageOf(thrown),
    });
  }
}

/** An empty file is an empty map, so that the keys that it lacks are named. */
function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch {
    throw new UsageError({
      what: 'The configuration file repeats its anchors too often.',
      where: file,
      help: 'Write the values out in place of aliases (*name).',
    });
  }
}

function refusal(file: string, faults: readonly Fault[], lines: LineCounter): UsageError {
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

function toConfig(file: string, variables: readonly string[], written: ConfigFile): Config {
  return {
    version: written.version,
    file,
    root: dirname(file),
    engine: written.engine,
    live: written.live,
    connection: written.connection,
    ledger: written.ledger,
    clone: { method: written.clone.method },
    migrate: written.migrate ?? null,
    simulate: written.simulate
      ? { run: written.simulate.run, clock: written.simulate.clock ?? null }
      : null,
    compare: { ...written.compare, result: written.compare.result ?? null },
    privacy: written.privacy,
    swap: {
      drift: written.swap.drift,
      verify: written.swap.verify,
      timeoutMs: written.swap.timeout,
    },
    variables,
  };
}
