// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of the configuration file is meant.
import * as z from 'zod';
import {
  cloneMethods,
  cloneMethodsTold,
  engineNames,
  engines,
  firstEngine,
  ledgersTold,
} from '../engines/names.ts';
import type { CommandItem, Control, Migrate, RunItem, Tolerance } from './config.ts';
import { DURATION, parseDuration } from './duration.ts';
import { formatName, isPattern, parseName, patternParts } from './names.ts';

// The parts that several sections use ------------------------------------------------------------

const DEFAULT_COMMAND_TIMEOUT = '1h';

export const DEFAULT_EXPECTATIONS = 'greenlight.expected.yml';

export const TABLE = 'schema.table';
const COLUMN = 'schema.table.column';

export const text = z.string().min(1, 'must not be empty');

const glob = text.describe('A glob of files, relative to the folder of this file.');

const aDuration = (limits: Parameters<typeof parseDuration>[1], told: string) =>
  z
    .string()
    .regex(DURATION, 'must be a number with its unit: ms, s, m, h or d')
    .transform((written, context) => {
      const ms = parseDuration(written, limits);
      if (ms !== null) return ms;
      context.addIssue(`must be between ${told}`);
      return z.NEVER;
    });

const duration = aDuration({}, '1ms and 576h');

const TEN_YEARS_MS = 3_650 * 24 * 60 * 60 * 1000;

const commandFields = {
  command: text.meta({
    description:
      'A command for the shell of the system, in the folder of this file. The shell replaces variables itself.',
    examples: ['dbt build --target candidate'],
  }),
  paths: z.array(glob).meta({
    description:
      "Globs of the files that the command's outcome depends on. A change in one of them is a change of the logic.",
    examples: [['models/**', 'dbt_project.yml']],
  }),
  timeout: duration.meta({
    description: `The command is stopped after this time. Default: ${DEFAULT_COMMAND_TIMEOUT}.`,
    examples: ['30m'],
  }),
};

const commandItem = z
  .strictObject({
    command: commandFields.command,
    paths: commandFields.paths.optional(),
    timeout: commandFields.timeout.optional(),
  })
  .transform(toCommandItem);

/** A pattern of `schema.table`, such as `staging.*`. */
const tablePattern = text.superRefine((written, context) => {
  const fault = wrongParts(() => patternParts(written), 2, TABLE);
  if (fault !== null) context.addIssue(fault);
});

/** One column with its table; it becomes canonical. */
const columnName = text.transform((written, context) => {
  const fault = wrongName(written, 3, COLUMN);
  if (fault === null) return formatName(parseName(written));
  context.addIssue(fault);
  return z.NEVER;
});

/** A column of a table that is named elsewhere; it becomes the plain name. */
const keyColumn = text.transform((written, context) => {
  const fault = wrongParts(() => parseName(written).length, 1, 'one column');
  if (fault === null) return parseName(written)[0] as string;
  context.addIssue(`${fault}; a name that holds a dot or a quote is quoted as in SQL`);
  return z.NEVER;
});

/** Why a text is not the name of one thing with this many parts; null when it is. */
function wrongName(written: string, parts: number, shape: string): string | null {
  return (
    wrongParts(() => parseName(written).length, parts, shape) ??
    (isPattern(written) ? `must be one ${shape}, without *` : null)
  );
}

function wrongParts(count: () => number, parts: number, shape: string): string | null {
  try {
    return count() === parts ? null : `must be ${shape}`;
  } catch {
    return `must be ${shape}; a part that holds a dot or a quote is quoted as in SQL`;
  }
}

/** Refuses keys of a map that are not names of this many parts, and two spellings of one name. */
export function namesAsKeys(parts: number, shape: string) {
  return (written: Record<string, unknown>, context: z.RefinementCtx): void => {
    const seen = new Set<string>();
    for (const key of Object.keys(written)) {
      const fault =
        wrongName(key, parts, shape) ??
        (seen.has(formatName(parseName(key))) ? 'is a second spelling of a name above it' : null);
      if (fault === null) seen.add(formatName(parseName(key)));
      else context.addIssue({ code: 'custom', path: [key], message: fault, params: { at: 'key' } });
    }
  };
}

/** Runs a check also when another one has failed, so that all problems are told in one go. */
export const always = {
  when: ({ value }: { value: unknown }) =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

// The sections -----------------------------------------------------------------------------------

const clone = z.strictObject({
  method: z
    .enum(cloneMethods)
    .default('auto')
    .meta({
      description: `How the clone is made. auto: the way that disturbs live least, and says why. ${cloneMethodsTold}`,
      examples: ['auto'],
    }),
  baseline: text.default('auto').meta({
    description:
      'The frozen image of live. auto: it is made, in the way the engine knows best. Where the engine reaches other servers, also a database of one of them that is such an image already: `shop@replica`, where connection.servers says how replica is reached. It is only read.',
    examples: ['auto', 'shop@replica'],
  }),
});

const migrate = z
  .strictObject({
    scripts: text.optional().meta({
      description:
        'A folder of SQL scripts: V<version>__<name>.sql runs once, R__<name>.sql again whenever it has changed.',
      examples: ['migrations/'],
    }),
    command: commandFields.command.optional(),
    paths: commandFields.paths.optional(),
    timeout: commandFields.timeout.optional(),
  })
  .meta({
    oneOf: [{ required: ['scripts'] }, { required: ['command'] }],
    dependencies: { paths: ['command'], timeout: ['command'] },
  })
  .transform((written, context): Migrate => {
    const { scripts, command, paths, timeout } = written;
    if (scripts !== undefined && (command ?? paths ?? timeout) !== undefined) {
      context.addIssue('has either scripts, or command with paths and timeout, not both');
    } else if (scripts !== undefined) {
      return { kind: 'scripts', folder: scripts };
    } else if (command !== undefined) {
      return toCommandItem({ command, paths, timeout });
    } else {
      context.addIssue('needs scripts (a folder) or command (your own tool)');
    }
    return z.NEVER;
  });

const oldLogic = z
  .strictObject({
    ref: text
      .regex(/^[^-]/, 'must not begin with a dash')
      .optional()
      .meta({
        description: 'The old logic is the repository at this commit, branch or tag.',
        examples: ['v1.4'],
      }),
    folder: text.optional().meta({
      description: 'The old logic is the project in this folder.',
      examples: ['../released'],
    }),
  })
  .meta({ minProperties: 1, maxProperties: 1, examples: [{ ref: 'v1.4' }] });

const bitemporal = z.strictObject({
  technical: z
    .tuple([keyColumn, keyColumn])
    .refine(([from, until]) => from !== until, 'must be two columns')
    .meta({
      description:
        'The columns of the technical validity, from and until: every table that has both is bitemporal.',
      examples: [['tech_from', 'tech_to']],
    }),
  publish: z
    .enum(['at-swap', 'never'])
    .default('at-swap')
    .meta({
      description:
        "What becomes of the new logic's rows at the swap. at-swap: their validity begins at the go-live instant. never: they go.",
      examples: ['at-swap'],
    }),
  parked: z
    .string()
    .regex(
      z.regexes.datetime({ offset: true, precision: 0 }),
      'must be an instant in whole seconds, with its offset from UTC',
    )
    .default('9000-01-01T00:00:00Z')
    .meta({
      description:
        'What the run sees as now: after every technical instant of the data, and before the date that stands for an open end.',
      examples: ['9000-01-01T00:00:00Z'],
    }),
});

const simulate = z.strictObject({
  run: z
    .array(z.union([glob, commandItem]))
    .min(1, 'must not be empty')
    .transform(toRunItems)
    .meta({
      description: 'The logic: globs of SQL files and commands, in the order in which they run.',
      examples: [['logic/*.sql']],
    }),
  clock: z
    .string()
    .regex(z.regexes.datetime({ offset: true }), 'must be an instant with its offset from UTC')
    .optional()
    .meta({
      description:
        'What scripts see as greenlight_now and {{ now }}, and commands as GREENLIGHT_NOW. The clock of the engine itself is not changed. Default: the instant of the clone.',
      examples: ['2026-01-31T06:00:00Z'],
    }),
  'for each': text.optional().meta({
    description:
      'A SQL query that lists business periods. The whole run list runs once for each of its rows, in their order; scripts see its columns as {{ column }}, commands as GREENLIGHT_COLUMN.',
    examples: ['SELECT DISTINCT month FROM staging.orders ORDER BY month'],
  }),
  control: z
    .union([z.boolean(), oldLogic])
    .default(false)
    .transform(toControl)
    .meta({
      description:
        'Whether the old logic runs as well, on a copy of the baseline, to tell noise from deviations. true: the old logic is the repository at the merge base with the target branch.',
      examples: [true, { ref: 'v1.4' }, { folder: '../released' }],
    }),
  bitemporal: bitemporal.optional().meta({
    description:
      'Where results have a technical validity beside the business one: the run is parked in the far future, so that standard reports do not change.',
    examples: [{ technical: ['tech_from', 'tech_to'] }],
  }),
});

const tolerance = z
  .strictObject({
    absolute: z
      .number()
      .nonnegative('must not be negative')
      .optional()
      .meta({
        description: 'Values that differ by no more than this are equal.',
        examples: [0.001],
      }),
    relative: z
      .number()
      .nonnegative('must not be negative')
      .optional()
      .meta({
        description: 'Values that differ by no more than this share of the larger one are equal.',
        examples: [0.000001],
      }),
  })
  .meta({ minProperties: 1, maxProperties: 1 })
  .transform(({ absolute, relative }, context): Tolerance => {
    if (absolute !== undefined && relative === undefined) return { absolute };
    if (relative !== undefined && absolute === undefined) return { relative };
    context.addIssue('needs either absolute or relative');
    return z.NEVER;
  });

const compare = z.strictObject({
  input: z
    .array(tablePattern)
    .default([])
    .meta({
      description: 'Tables that the delivery systems fill. * stands for any text within a part.',
      examples: [['staging.*']],
    }),
  result: z
    .array(tablePattern)
    .min(
      1,
      'must name at least one table; without it, every table and view that is not input is compared',
    )
    .optional()
    .meta({
      description:
        'Tables and views that the logic computes. Default: every table and view that is not input.',
      examples: [['marts.*']],
    }),
  keys: z
    .record(z.string(), z.array(keyColumn).min(1, 'must name at least one column'))
    .default({})
    .superRefine(namesAsKeys(2, TABLE), always)
    .transform((written) =>
      Object.fromEntries(
        Object.entries(written).map(([name, columns]) => [formatName(parseName(name)), columns]),
      ),
    )
    .meta({
      description:
        'Key columns of tables. Default: the primary key, else a unique key; without one, rows are compared by counts.',
      examples: [{ 'marts.delay': ['carrier', 'day'] }],
    }),
  ignore: z
    .array(columnName)
    .default([])
    .meta({
      description: 'Columns that are not compared. The report names them.',
      examples: [['marts.delay.loaded_at']],
    }),
  tolerance: z
    .record(z.string(), tolerance)
    .default({})
    .superRefine(namesAsKeys(3, COLUMN), always)
    .transform(byTable)
    .meta({
      description: 'How much the values of a column may differ and still be equal.',
      examples: [{ 'marts.delay.mean': { absolute: 0.001 } }],
    }),
  mode: z
    .enum(['semantic', 'strict'])
    .default('semantic')
    .meta({
      description:
        "semantic: the engine's own equality, so that -0.0 = 0.0. strict: by the text of the value for floating-point numbers and intervals, so that they differ.",
      examples: ['semantic'],
    }),
  proof: z
    .enum(['exact', 'hash'])
    .optional()
    .meta({
      description:
        'exact: every verdict comes from compared values, or from storage that is proven equal. hash: tables whose rows have one hash over all of them on both sides are taken as equal, and the report counts them apart; for engines that offer it. Default: exact.',
      examples: ['exact'],
    }),
});

const swap = z.strictObject({
  drift: z
    .enum(['refuse', 'rebuild', 'replay'])
    .default('refuse')
    .meta({
      description:
        'What happens when live has changed since the clone. refuse: the swap is refused. rebuild: all steps run again on what is live now. replay: changed rows of input tables are brought over by key, and the logic runs again.',
      examples: ['refuse'],
    }),
  verify: z
    .array(z.union([glob, commandItem]))
    .default([])
    .transform(toRunItems)
    .meta({
      description:
        'What checks live after the swap: globs of SQL files, and commands. A value that is not true, or a command that fails, swaps back.',
      examples: [['checks/*.sql']],
    }),
  branch: text.optional().meta({
    description:
      'The branch that production follows: on GitHub and GitLab, swap and rollback run on it only. Default: the default branch of the repository.',
    examples: ['main'],
  }),
  timeout: duration.prefault('30s').meta({
    description:
      'How long the swap waits for writers to leave live and the candidate. Then it is given up, and live is as it was.',
    examples: ['30s'],
  }),
  longest_hold: duration.prefault('5m').meta({
    description:
      'How long those who write to live all the time may be kept waiting while a rebuild or replay is done for the last time. Then they go on, and the swap is given up.',
    examples: ['5m'],
  }),
});

const approvals = z.strictObject({
  required: z
    .int()
    .positive('must be at least 1')
    .default(1)
    .meta({
      description:
        'How many persons have to approve deviations that nothing explains, each under another name.',
      examples: [2],
    }),
  by_author: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Whether an approval by the author of the release counts. The author is the one named by clone --author.',
      examples: [false],
    }),
});

const retire = z.strictObject({
  keep_previous: aDuration({ least: 0, most: TEN_YEARS_MS }, '0s and 3650d')
    .prefault('7d')
    .meta({
      description:
        'How long after the swap retire leaves the old database alone, so that a rollback stays possible.',
      examples: ['7d'],
    }),
});

const connectionValue = z.union([z.string(), z.number(), z.boolean()]);

const servers = z.record(z.string(), z.record(z.string(), connectionValue)).meta({
  description:
    'Other servers by their names, each with the same keys as the connection, for engines whose locations can name one. What is not written is that of the connection, but for the address.',
  examples: [{ replica: { host: 'replica.example' } }],
});

// The file ---------------------------------------------------------------------------------------

/** greenlight.yml as people write it; what comes out has every default and no spelling variants. */
export const configSchema = z
  .strictObject({
    version: z
      .literal(1)
      .default(1)
      .meta({
        description: 'Version of this format.',
        examples: [1],
      }),
    engine: z.enum(engineNames).meta({
      description: 'The database engine.',
      examples: [firstEngine],
    }),
    live: text.meta({
      description:
        'The database that production uses: a file (relative to the folder of this file), the name of a database, or `database.schema`.',
      examples: [engines[firstEngine].live],
    }),
    connection: z
      .object({ servers: servers.optional() })
      .catchall(connectionValue)
      .default({})
      .meta({
        description:
          'How to connect, in the words of the engine. Secrets come from the environment: "${NAME}".',
        examples: [{ host: 'db.example', user: 'release', password: '${DB_PASSWORD}' }],
      }),
    ledger: text.optional().meta({
      description: `Where the history of releases is kept: its own file or database. Default: ${ledgersTold}.`,
      examples: [engines[firstEngine].ledger],
    }),
    clone: clone.prefault({}).meta({
      description: 'How live is cloned.',
      examples: [{ method: 'auto' }],
    }),
    migrate: migrate.optional().meta({
      description: "What changes the structure: a folder of SQL scripts, or the team's own tool.",
      examples: [{ scripts: 'migrations/' }],
    }),
    simulate: simulate.optional().meta({
      description: 'The new logic, which runs on the migrated clone.',
      examples: [{ run: ['logic/*.sql'] }],
    }),
    compare: compare.prefault({}).meta({
      description: 'What is compared, and how.',
      examples: [{ input: ['staging.*'], result: ['marts.*'] }],
    }),
    expectations: text.optional().meta({
      description:
        'The file that declares which deviations are intended. It must exist when this key is written.',
      default: DEFAULT_EXPECTATIONS,
      examples: [DEFAULT_EXPECTATIONS],
    }),
    privacy: z
      .enum(['keys', 'masked', 'full', 'none'])
      .default('keys')
      .meta({
        description:
          'What the ledger and the reports show of a row. keys: the key; masked: shapes of values; full: values; none: counts only.',
        examples: ['keys'],
      }),
    swap: swap.prefault({}).meta({
      description: 'How the candidate goes live.',
      examples: [{ timeout: '30s', verify: ['checks/*.sql'] }],
    }),
    approvals: approvals.prefault({}).meta({
      description: 'Whose approvals open the gate for deviations that nothing explains.',
      examples: [{ required: 2 }],
    }),
    retire: retire.prefault({}).meta({
      description: 'What is kept, and how long.',
      examples: [{ keep_previous: '7d' }],
    }),
  })
  .refine((written) => written.migrate !== undefined || written.simulate !== undefined, {
    error: 'names nothing to release: write migrate, simulate or both',
    ...always,
  })
  .meta({
    title: 'Greenlight configuration',
    description: 'What a release takes live, and how: greenlight.yml.',
    anyOf: [{ required: ['migrate'] }, { required: ['simulate'] }],
  });

export type ConfigFile = z.output<typeof configSchema>;

/** The JSON Schema of greenlight.yml, for editors. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-7',
    // Zod leaves examples out where a value is transformed, as they may be of what comes out. Ours never are.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (examples !== undefined) jsonSchema.examples = examples as typeof jsonSchema.examples & {};
    },
  }) as JsonSchema;
}

export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly examples?: readonly unknown[];
  readonly [keyword: string]: unknown;
}

function toRunItems(items: readonly (string | ({ kind: 'command' } & CommandItem))[]): RunItem[] {
  return items.map((item) => (typeof item === 'string' ? { kind: 'sql', glob: item } : item));
}

function toCommandItem(written: {
  command: string;
  paths?: string[] | undefined;
  timeout?: number | undefined;
}): { kind: 'command' } & CommandItem {
  return {
    kind: 'command',
    command: written.command,
    paths: written.paths ?? [],
    timeoutMs: written.timeout ?? (parseDuration(DEFAULT_COMMAND_TIMEOUT) as number),
  };
}

function toControl(
  written: boolean | { ref?: string | undefined; folder?: string | undefined },
  context: z.RefinementCtx,
): Control | null {
  if (typeof written === 'boolean') return written ? { kind: 'merge-base' } : null;
  const { ref, folder } = written;
  if (ref !== undefined && folder === undefined) return { kind: 'ref', ref };
  if (folder !== undefined && ref === undefined) return { kind: 'folder', folder };
  context.addIssue('needs either ref or folder');
  return z.NEVER;
}

function byTable<T>(columns: Record<string, T>): Record<string, Record<string, T>> {
  const tables = new Map<string, [column: string, value: T][]>();
  for (const [name, value] of Object.entries(columns)) {
    const parts = parseName(name);
    const table = formatName(parts.slice(0, -1));
    tables.set(table, [...(tables.get(table) ?? []), [parts.at(-1) as string, value]]);
  }
  return Object.fromEntries(
    [...tables].map(([table, entries]) => [table, Object.fromEntries(entries)]),
  );
}
