import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tables from '../../src/release/tables.ts';
import { cli } from '../support/project.ts';

/** The documents that people read, each with its text. */
const documents = new Map<string, string>();

beforeAll(async () => {
  const inFolder = async (folder: string) =>
    (await readdir(folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name));
  const examples = (await readdir('examples')).map((name) => join('examples', name, 'README.md'));
  const actions = (await readdir('actions')).map((name) => join('actions', name, 'README.md'));
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...(await inFolder('docs')),
    ...(await inFolder('docs/steps')),
  ];
  for (const file of [...files, ...examples, ...actions])
    documents.set(file, await readFile(file, 'utf8'));
});

describe('links and paths', () => {
  test('lead to files that exist, and to headings that exist', () => {
    const broken: string[] = [];
    for (const [file, text] of documents) {
      for (const [, target = ''] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', heading] = target.split('#');
        const found = path === '' ? file : join(dirname(file), path);
        if (!existsSync(found)) broken.push(`${file}: ${target}`);
        else if (heading !== undefined && !headingsOf(documents.get(found)).includes(heading))
          broken.push(`${file}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test('in code exist where they name a file of this repository', () => {
    const missing: string[] = [];
    for (const [file, text] of documents) {
      const base = file.startsWith('examples/') ? dirname(file) : '.';
      for (const [, path = ''] of text.matchAll(
        /`((?:src|test|scripts|docs|schemas|examples|bench|\.ci)\/[^`\s]*)`/g,
      )) {
        if (/[<*]/.test(path) || path === 'bench/results.md') continue; // a pattern; made by npm run bench
        if (!existsSync(join(base, path)) && !existsSync(path)) missing.push(`${file}: ${path}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test('name no place of one machine', () => {
    for (const [file, text] of documents) {
      expect(`${file} ${text.match(/\/(?:home|root|Users|work)\/\w+/)?.[0] ?? 'clean'}`).toBe(
        `${file} clean`,
      );
    }
  });
});

describe('commands', () => {
  const help = new Map<string, string>();
  const helpOf = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [cli, ...args, '--help'])).stdout;

  beforeAll(async () => {
    const program = await helpOf();
    const steps = [...program.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, step = '']) => step);
    for (const step of steps) help.set(step, await helpOf(step));
  }, 60_000);

  test('have steps and options that the command line knows', () => {
    const unknown: string[] = [];
    for (const [file, text] of documents) {
      for (const line of codeLines(text)) {
        const [, step, rest = ''] = /^(?:\$ )?greenlight ([a-z]+)\b(.*)$/.exec(line) ?? [];
        if (step === undefined) continue;
        const known = help.get(step);
        const options = rest.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? [];
        if (known === undefined) unknown.push(`${file}: ${line}`);
        else
          unknown.push(
            ...options
              .filter((option) => !known.includes(`${option} `) && !known.includes(`${option},`))
              .map((option) => `${file}: ${line}: ${option}`),
          );
      }
    }
    expect(unknown).toEqual([]);
  });

  test('every step has a page, which says in words what it does', () => {
    for (const step of help.keys()) {
      const [words = ''] = (documents.get(`docs/steps/${step}.md`) ?? '').split('<!-- options');
      expect({ step, says: words.trim().split('\n').length > 2 }).toEqual({ step, says: true });
    }
  });

  test('of npm are scripts of package.json', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
    const known = [...Object.keys(scripts), 'ci', 'install', 'link', 'rebuild'];
    for (const [file, text] of documents) {
      for (const [, script] of text.matchAll(/(?:^ *|`|&& )npm (?:run )?([a-z]+)/gm)) {
        expect({ file, script, known: known.includes(script ?? '') }).toMatchObject({
          known: true,
        });
      }
    }
  });
});

describe('docs/configuration.md', () => {
  test('has every key of the schema, and no other', async () => {
    const schema = JSON.parse(await readFile('schemas/greenlight.schema.json', 'utf8'));
    const section = sectionOf(documents.get('docs/configuration.md') ?? '', 'Keys') ?? '';
    const described = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key);
    expect(described.sort()).toEqual(keysOf(schema, '').sort());
  });

  test('states the defaults of the schema', async () => {
    const schema = JSON.parse(await readFile('schemas/greenlight.schema.json', 'utf8'));
    const section = sectionOf(documents.get('docs/configuration.md') ?? '', 'Keys') ?? '';
    for (const [, key = '', written = ''] of section.matchAll(/^\| `([^`]+)` +\| ([^|]+)\|/gm)) {
      const value = key.split('.').reduce((at, part) => at?.properties?.[part], schema)?.default;
      if (value === undefined) continue;
      const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
      const asEmpty = typeof value === 'object' && !Array.isArray(value) ? '{}' : shown;
      expect(`${key}: ${written.trim()}`).toBe(`${key}: \`${asEmpty}\``);
    }
  });

  test('has the options of the connection', async () => {
    const engine = await readFile('src/engines/duckdb/index.ts', 'utf8');
    const [, list = ''] = /optionsOf\('DuckDB', \[([^\]]+)\]/.exec(engine) ?? [];
    const section = sectionOf(documents.get('docs/configuration.md') ?? '', 'Connection') ?? '';
    const options = [...list.matchAll(/'(\w+)'/g)].map(([, option]) => option);
    expect(options).not.toEqual([]);
    for (const option of options) expect(section).toContain(`| \`${option}\``);
  });
});

describe('docs/ledger.md', () => {
  const stored = Object.values(tables).filter(
    (value): value is typeof tables.releaseTable => !Array.isArray(value) && 'columns' in value,
  );

  test.each(stored.map((table) => [table.name, table] as const))('describes %s', (name, table) => {
    const section = sectionOf(documents.get('docs/ledger.md') ?? '', name) ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` +\| (\w+)/gm)].map(
      ([, column, type]) => `${column} ${type}`,
    );
    expect(rows).toEqual(
      Object.entries(table.columns).map(([column, type]) => `${column} ${type}`),
    );
  });
});

describe('docs/swap.md', () => {
  test('has a section for each condition of the gate', async () => {
    const schema = JSON.parse(await readFile('schemas/error.schema.json', 'utf8'));
    const { condition } = schema.properties.gate.properties.reasons.items.properties;
    const headings = headingsOf(documents.get('docs/swap.md'));
    expect(headings).toEqual(expect.arrayContaining(condition.enum));
  });
});

/** Paths of the schema's keys; of a map with free names `*`, of a list `[]`. */
function keysOf(schema: Record<string, unknown>, path: string): string[] {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, typeof schema>);
  const values = schema.additionalProperties as typeof schema | false | undefined;
  const items = [schema.items].flat().filter((item) => typeof item === 'object' && item !== null);
  const variants = (schema.anyOf ?? []) as (typeof schema)[];
  return [
    ...properties.flatMap(([name, property]) => {
      const at = path === '' ? name : `${path}.${name}`;
      return [at, ...keysOf(property, at)];
    }),
    ...(typeof values === 'object' ? keysOf(values, `${path}.*`) : []),
    ...items.flatMap((item) => keysOf(item as typeof schema, `${path}[]`)),
    ...variants.flatMap((variant) => keysOf(variant, path)),
  ];
}

/** What stands below a heading, down to the next one of its level or above. */
function sectionOf(text: string, heading: string): string | null {
  const lines = text.split('\n');
  const start = lines.findIndex(
    (line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading,
  );
  if (start === -1) return null;
  const level = lines[start]?.indexOf(' ') ?? 0;
  const length = lines
    .slice(start + 1)
    .findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

/** As they stand in links to them. */
function headingsOf(text = ''): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text
    .replace(/^ *```[\s\S]*?^ *```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.slice(1, -1));
}

function codeLines(text: string): string[] {
  return [...text.matchAll(/^ *```[a-z]*\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) =>
    block.split('\n').map((line) => line.trim()),
  );
}
