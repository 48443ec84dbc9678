import { dirname, resolve } from 'node:path';
import type { Config } from './config.ts';
import { schemaFaults, syntaxFaults, variableFaults } from './faults.ts';
import { parseYaml, readText, refusal, toPlain } from './file.ts';
import { type ConfigFile, configJsonSchema, configSchema, DEFAULT_EXPECTATIONS } from './schema.ts';
import { maskVariables, replaceVariables } from './variables.ts';

/** Its schema is made only when there is a mistake to explain. */
const format = {
  get schema() {
    return configJsonSchema();
  },
};

/**
 * Reads a configuration file, puts in the environment's variables and fills in every default.
 *
 * @param file as the person named it; error messages repeat it so.
 * @throws UsageError that lists everything that is wrong with the file, each with its line and what to write instead.
 *   No value of the environment, and no value of the connection, is in it.
 */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const text = await readText(file, {
    called: 'configuration file',
    help: 'Run `greenlight init` to write one, or name another with --config.',
  });
  const { document, lines } = parseYaml(maskVariables(text));
  const unreadable = syntaxFaults(document);
  if (unreadable.some((fault) => fault.fatal)) throw refusal(file, unreadable, lines);

  const variables = replaceVariables(document, env);
  const written = configSchema.safeParse(toPlain(document, file, 'configuration file'));
  const faults = [
    ...unreadable,
    ...variableFaults(variables.faults, text),
    ...schemaFaults(written.error?.issues ?? [], document, text, format, variables.faults),
  ];
  if (faults.length > 0 || !written.success) throw refusal(file, faults, lines);
  return toConfig(resolve(file), variables.ofConnection, written.data);
}

function toConfig(file: string, variables: readonly string[], written: ConfigFile): Config {
  const { servers = {}, ...connection } = written.connection;
  return {
    version: written.version,
    file,
    root: dirname(file),
    engine: written.engine,
    live: written.live,
    connection,
    servers,
    ledger: written.ledger ?? null,
    clone: {
      method: written.clone.method,
      baseline: written.clone.baseline === 'auto' ? null : written.clone.baseline,
    },
    migrate: written.migrate ?? null,
    simulate: written.simulate
      ? {
          run: written.simulate.run,
          clock: written.simulate.clock ?? null,
          forEach: written.simulate['for each'] ?? null,
          control: written.simulate.control,
          bitemporal: written.simulate.bitemporal ?? null,
        }
      : null,
    compare: { ...written.compare, result: written.compare.result ?? null },
    expectations: {
      file: written.expectations ?? DEFAULT_EXPECTATIONS,
      mustExist: written.expectations !== undefined,
    },
    privacy: written.privacy,
    swap: {
      drift: written.swap.drift,
      verify: written.swap.verify,
      branch: written.swap.branch ?? null,
      timeoutMs: written.swap.timeout,
      longestHoldMs: written.swap.longest_hold,
    },
    approvals: { required: written.approvals.required, byAuthor: written.approvals.by_author },
    retire: { keepPreviousMs: written.retire.keep_previous },
    variables,
  };
}
