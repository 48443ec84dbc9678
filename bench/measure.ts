import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** What the benches share: one process after the other, and one file of results. */

const root = process.cwd();
export const greenlight = join(root, 'dist', 'index.js');
const results = join(root, 'bench', 'results.md');

export interface Usage {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly stdout: string;
}

/** Runs Node in a process of its own; the process tells its own usage at its end. */
export function run(
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Usage {
  const work = join(root, 'build', 'bench-usage');
  mkdirSync(work, { recursive: true });
  const usage = join(work, `${process.pid}.json`);
  const preload = join(work, `${process.pid}.cjs`);
  const tell = `process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    require('node:fs').writeFileSync(${JSON.stringify(usage)}, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 })); });`;
  writeFileSync(preload, tell);
  try {
    const started = performance.now();
    const stdout = execFileSync(process.execPath, ['--require', preload, ...args], {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...variables },
    });
    const ms = performance.now() - started;
    return { ms, stdout, ...JSON.parse(readFileSync(usage, 'utf8')) };
  } finally {
    for (const file of [usage, preload]) rmSync(file, { force: true });
  }
}

/** A fast wrong answer is worth nothing. */
export function checkFound(
  about: string,
  { stdout }: Usage,
  table: string,
  expected: Readonly<Record<string, unknown>>,
): void {
  const { tables } = JSON.parse(stdout) as { tables: Record<string, unknown>[] };
  const found = tables.find((one) => one.table === table);
  const wanted = { added: 0, removed: 0, changed: 0, ...expected };
  if (Object.entries(wanted).every(([member, value]) => found?.[member] === value)) return;
  throw new Error(`${about}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(found)}`);
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** `2 processors, 24 GB of memory, Node 20.19.0` */
export function machine(): string {
  return `${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GB of memory, Node ${process.versions.node}`;
}

/** Puts a section of bench/results.md in the place of the one that begins with the same heading; other sections stay. */
export function writeSection(text: string): void {
  const [heading] = text.split('\n', 1);
  const sections = readFileSync(results, 'utf8').split(/\n(?=## )/);
  const at = sections.findIndex((section) => section.split('\n', 1)[0] === heading);
  if (at === -1) sections.push(text);
  else sections[at] = text;
  writeFileSync(results, `${sections.map((section) => section.trimEnd()).join('\n\n')}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
