// Generated from manifest.yml by `npm run generate`. Do not edit.

import type { InputDeclaration, StepDeclaration } from './manifest.ts';

/** Inputs that several steps take. */
const shared = {
  'release': {
    "name": "release",
    "option": "-r, --release <id>",
    "type": "text",
    "description": "the release, such as pr-42",
    "default": "",
    "hosts": [
      "github",
      "gitlab"
    ],
    "variable": "GREENLIGHT_RELEASE"
  },
  'author': {
    "name": "author",
    "option": "-a, --author <name>",
    "type": "text",
    "description": "whose change it is",
    "default": "",
    "hosts": [],
    "variable": "GREENLIGHT_AUTHOR"
  },
  'lineage': {
    "name": "lineage",
    "option": "--no-lineage",
    "type": "flag",
    "description": "compare every value, also where storage proves them equal",
    "default": "true",
    "hosts": [
      "github",
      "gitlab"
    ]
  },
  'patterns': {
    "name": "patterns",
    "option": "--no-patterns",
    "type": "flag",
    "description": "do not describe what the changes look like",
    "default": "true",
    "hosts": [
      "github",
      "gitlab"
    ]
  },
  'max-seconds': {
    "name": "max-seconds",
    "option": "--max-seconds <n>",
    "type": "count",
    "description": "end early after so many seconds",
    "default": "",
    "hosts": [
      "github",
      "gitlab"
    ]
  },
  'max-deviations': {
    "name": "max-deviations",
    "option": "--max-deviations <n>",
    "type": "count",
    "description": "end early after so many deviating rows",
    "default": "",
    "hosts": [
      "github",
      "gitlab"
    ]
  },
  'write-expectations': {
    "name": "write-expectations",
    "option": "--write-expectations",
    "type": "flag",
    "description": "propose declarations for what nothing explains, in the expectations file",
    "default": "false",
    "hosts": []
  },
  'review': {
    "name": "review",
    "option": "--review <file>",
    "type": "text",
    "description": "write the review page, one HTML file, here",
    "default": "",
    "hosts": []
  },
  'github-token': {
    "name": "github-token",
    "option": null,
    "type": "text",
    "description": "the token that reads and writes the pull request",
    "default": "${{ github.token }}",
    "hosts": [
      "github"
    ]
  },
  'comment': {
    "name": "comment",
    "option": null,
    "type": "flag",
    "description": "keep one comment on the pull or merge request up to date",
    "default": "true",
    "hosts": [
      "github",
      "gitlab"
    ]
  },
  'config': {
    "name": "config",
    "option": "-c, --config <file>",
    "type": "text",
    "description": "the configuration",
    "default": "greenlight.yml",
    "hosts": [
      "github",
      "gitlab"
    ]
  },
  'engine-path': {
    "name": "engine-path",
    "option": "--engine-path <folder>",
    "type": "text",
    "description": "a folder with the packages of the engine, for machines without a network",
    "default": "",
    "hosts": [
      "github",
      "gitlab"
    ],
    "variable": "GREENLIGHT_ENGINE_PATH"
  },
  'json': {
    "name": "json",
    "option": "--json",
    "type": "flag",
    "description": "print the result as one JSON document",
    "default": "false",
    "hosts": []
  },
  'quiet': {
    "name": "quiet",
    "option": "-q, --quiet",
    "type": "flag",
    "description": "say nothing but the result and errors",
    "default": "false",
    "hosts": []
  },
} satisfies Record<string, InputDeclaration>;

export const steps: readonly (StepDeclaration & { readonly name: StepName })[] = [
  {
    name: "prepare",
    summary: "make the release ready for approval, by clone, migrate, simulate and compare",
    alone: false,
    examples: [
      "greenlight prepare --release pr-42"
    ],
    inputs: [
      shared['release'],
      shared['author'],
      shared['lineage'],
      shared['patterns'],
      shared['max-seconds'],
      shared['max-deviations'],
      shared['write-expectations'],
      shared['review'],
      shared['github-token'],
      shared['comment'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"compare.state"},
      {"name":"digest","from":"compare.digest"},
      {"name":"verdict","from":"compare.verdict"},
      {"name":"comparison","from":"compare.comparison"},
      {"name":"review-page","from":"compare.review"},
    ],
  },
  {
    name: "clone",
    summary: "make candidate and baseline from live",
    alone: false,
    examples: [
      "greenlight clone --release pr-42",
      "greenlight clone --release pr-42 --author bob"
    ],
    inputs: [
      shared['release'],
      shared['author'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
      {"name":"candidate","from":"candidate"},
      {"name":"baseline","from":"baseline"},
    ],
  },
  {
    name: "migrate",
    summary: "run the migration on the candidate",
    alone: false,
    examples: [
      "greenlight migrate --release pr-42"
    ],
    inputs: [
      shared['release'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
    ],
  },
  {
    name: "simulate",
    summary: "run the new logic on the candidate",
    alone: false,
    examples: [
      "greenlight simulate --release pr-42"
    ],
    inputs: [
      shared['release'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
    ],
  },
  {
    name: "compare",
    summary: "compare every table, column and row of the new result with the old one",
    alone: false,
    examples: [
      "greenlight compare --release pr-42",
      "greenlight compare --release pr-42 --write-expectations",
      "greenlight compare --release pr-42 --max-seconds 600",
      "greenlight compare --release pr-42 --json > comparison.json"
    ],
    inputs: [
      shared['release'],
      shared['lineage'],
      shared['patterns'],
      shared['max-seconds'],
      shared['max-deviations'],
      shared['write-expectations'],
      shared['review'],
      shared['github-token'],
      shared['comment'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
      {"name":"digest","from":"digest"},
      {"name":"verdict","from":"verdict"},
      {"name":"comparison","from":"comparison"},
      {"name":"review-page","from":"review"},
    ],
  },
  {
    name: "approve",
    summary: "approve exactly the deviations that a digest stands for",
    alone: false,
    examples: [
      "greenlight approve --release pr-42 --digest 3f9c0a7be112 --by alice"
    ],
    inputs: [
      shared['release'],
      {
        "name": "digest",
        "option": "-d, --digest <digest>",
        "type": "text",
        "description": "digest of the comparison; its first 12 characters do",
        "default": "",
        "hosts": []
      },
      {
        "name": "by",
        "option": "-b, --by <name>",
        "type": "text",
        "description": "who approves",
        "default": "",
        "hosts": []
      },
      shared['github-token'],
      shared['comment'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
      {"name":"digest","from":"digest"},
      {"name":"by","from":"by"},
    ],
  },
  {
    name: "swap",
    summary: "take the candidate live",
    alone: false,
    examples: [
      "greenlight swap --release pr-42 --rehearse",
      "greenlight swap --release pr-42",
      "greenlight swap --release pr-42 --override \"prices are wrong since 06:00\" --by alice"
    ],
    inputs: [
      shared['release'],
      {
        "name": "rehearse",
        "option": "--rehearse",
        "type": "flag",
        "description": "swap, verify and roll back copies; live is not touched",
        "default": "false",
        "hosts": [
          "github",
          "gitlab"
        ],
        "conflicts": [
          "override",
          "by"
        ]
      },
      {
        "name": "override",
        "option": "--override <reason>",
        "type": "text",
        "description": "in an emergency: go live although the gate is closed; recorded for good",
        "default": "",
        "hosts": []
      },
      {
        "name": "by",
        "option": "-b, --by <name>",
        "type": "text",
        "description": "who overrides the gate",
        "default": "",
        "hosts": []
      },
      shared['github-token'],
      shared['comment'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
      {"name":"previous","from":"previous"},
    ],
  },
  {
    name: "rollback",
    summary: "put the old database back",
    alone: false,
    examples: [
      "greenlight rollback",
      "greenlight rollback --release pr-42"
    ],
    inputs: [
      shared['release'],
      {
        "name": "replay",
        "option": "--replay",
        "type": "flag",
        "description": "bring rows of input tables along that were written since the swap",
        "default": "false",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      shared['github-token'],
      shared['comment'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
      {"name":"kept","from":"kept"},
    ],
  },
  {
    name: "retire",
    summary: "drop what a release keeps and nobody needs any more",
    alone: false,
    examples: [
      "greenlight retire --release pr-42 --dry-run",
      "greenlight retire --release pr-42",
      "greenlight retire --release pr-42 --drop-previous"
    ],
    inputs: [
      shared['release'],
      {
        "name": "dry-run",
        "option": "--dry-run",
        "type": "flag",
        "description": "only list it",
        "default": "false",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      {
        "name": "drop-previous",
        "option": "--drop-previous",
        "type": "flag",
        "description": "the old database too, before its time: no rollback then",
        "default": "false",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      shared['github-token'],
      shared['comment'],
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"state","from":"state"},
    ],
  },
  {
    name: "status",
    summary: "show where every release stands",
    alone: false,
    examples: [
      "greenlight status",
      "greenlight status --release pr-42 --gate"
    ],
    inputs: [
      shared['release'],
      {
        "name": "gate",
        "option": "--gate",
        "type": "flag",
        "description": "and every reason why this release may not be swapped",
        "default": "false",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"live-release","from":"live_release"},
      {"name":"gate-open","from":"gate.open"},
    ],
  },
  {
    name: "report",
    summary: "read a comparison back from the ledger",
    alone: false,
    examples: [
      "greenlight report --release pr-42",
      "greenlight report --release pr-42 --list",
      "greenlight report --release pr-42 --noise",
      "greenlight report --release pr-42 --table 'marts.*' --standing new --limit 0",
      "greenlight report --release pr-42 --where \"kind = 'changed' AND key.carrier = 'AA'\"",
      "greenlight report --release pr-42 --format csv > deviations.csv"
    ],
    inputs: [
      shared['release'],
      {
        "name": "list",
        "option": "--list",
        "type": "flag",
        "description": "the comparisons of the release",
        "default": "false",
        "hosts": [
          "github",
          "gitlab"
        ],
        "conflicts": [
          "comparison",
          "noise",
          "against",
          "table",
          "where",
          "standing",
          "limit"
        ]
      },
      {
        "name": "comparison",
        "option": "--comparison <id>",
        "type": "number",
        "description": "an earlier comparison; default: the latest",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      {
        "name": "noise",
        "option": "--noise",
        "type": "flag",
        "description": "where the old logic itself gives another result, not the deviations",
        "default": "false",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      {
        "name": "against",
        "option": "--against <id>",
        "type": "number",
        "description": "tell what is new, still there or gone against this one; or none",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ],
        "or": "none"
      },
      {
        "name": "table",
        "option": "--table <patterns...>",
        "type": "list",
        "description": "these tables only: marts.delay or marts.*",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      {
        "name": "where",
        "option": "--where <condition>",
        "type": "text",
        "description": "rows for which this SQL holds, such as kind = 'changed'",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      {
        "name": "standing",
        "option": "--standing <standings...>",
        "type": "list",
        "description": "only what is new, still there or gone",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ],
        "choices": [
          "new",
          "still",
          "gone"
        ]
      },
      {
        "name": "limit",
        "option": "--limit <rows>",
        "type": "number",
        "description": "rows shown of each table; 0: all; default: 20",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      {
        "name": "format",
        "option": "--format <format>",
        "type": "text",
        "description": "json as --json; csv writes all rows",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ],
        "choices": [
          "text",
          "json",
          "csv"
        ]
      },
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"release","from":"release"},
      {"name":"comparison","from":"comparison"},
      {"name":"digest","from":"digest"},
      {"name":"verdict","from":"verdict"},
    ],
  },
  {
    name: "doctor",
    summary: "look for what would go wrong, before anything is started",
    alone: false,
    examples: [
      "greenlight doctor",
      "greenlight doctor --json"
    ],
    inputs: [
      shared['config'],
      shared['engine-path'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [
      {"name":"ready","from":"ready"},
    ],
  },
  {
    name: "init",
    summary: "write a first greenlight.yml",
    alone: true,
    examples: [
      "greenlight init --live warehouse.duckdb",
      "greenlight init --engine postgres --live shop"
    ],
    inputs: [
      {
        "name": "engine",
        "option": "--engine <engine>",
        "type": "text",
        "description": "the database engine",
        "default": "duckdb",
        "hosts": [
          "github",
          "gitlab"
        ],
        "choices": [
          "duckdb",
          "postgres",
          "snowflake",
          "sqlserver"
        ]
      },
      {
        "name": "live",
        "option": "--live <database>",
        "type": "text",
        "description": "the database that production uses",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      shared['config'],
      shared['json'],
      shared['quiet'],
    ],
    outputs: [

    ],
  },
  {
    name: "demo",
    summary: "take a change live on three million real flights",
    alone: true,
    examples: [
      "greenlight demo --keep ./flights"
    ],
    inputs: [
      {
        "name": "keep",
        "option": "--keep <folder>",
        "type": "text",
        "description": "where to play, and to leave everything for you to look at",
        "default": "",
        "hosts": [
          "github",
          "gitlab"
        ]
      },
      shared['json'],
      shared['quiet'],
    ],
    outputs: [

    ],
  },
];

export type StepName = keyof StepOptions;

/** What each step is given: by its options, or by the inputs of a CI host. */
export interface StepOptions {
  readonly prepare: {
    readonly release?: string;
    readonly author?: string;
    readonly lineage: boolean;
    readonly patterns: boolean;
    readonly maxSeconds?: number;
    readonly maxDeviations?: number;
    readonly writeExpectations?: boolean;
    readonly review?: string;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly clone: {
    readonly release?: string;
    readonly author?: string;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly migrate: {
    readonly release?: string;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly simulate: {
    readonly release?: string;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly compare: {
    readonly release?: string;
    readonly lineage: boolean;
    readonly patterns: boolean;
    readonly maxSeconds?: number;
    readonly maxDeviations?: number;
    readonly writeExpectations?: boolean;
    readonly review?: string;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly approve: {
    readonly release?: string;
    readonly digest?: string;
    readonly by?: string;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly swap: {
    readonly release?: string;
    readonly rehearse?: boolean;
    readonly override?: string;
    readonly by?: string;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly rollback: {
    readonly release?: string;
    readonly replay?: boolean;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly retire: {
    readonly release?: string;
    readonly dryRun?: boolean;
    readonly dropPrevious?: boolean;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly status: {
    readonly release?: string;
    readonly gate?: boolean;
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly report: {
    readonly release?: string;
    readonly list?: boolean;
    readonly comparison?: number;
    readonly noise?: boolean;
    readonly against?: number | 'none';
    readonly table?: readonly string[];
    readonly where?: string;
    readonly standing?: readonly ('new' | 'still' | 'gone')[];
    readonly limit?: number;
    readonly format?: 'text' | 'json' | 'csv';
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly doctor: {
    readonly config: string;
    readonly enginePath?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly init: {
    readonly engine: 'duckdb' | 'postgres' | 'snowflake' | 'sqlserver';
    readonly live?: string;
    readonly config: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
  readonly demo: {
    readonly keep?: string;
    readonly json?: boolean;
    readonly quiet?: boolean;
  };
}
