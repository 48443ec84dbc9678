import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What an action takes, as its action.yml says. */
export interface KnownAction {
  readonly inputs?: Readonly<Record<string, object>>;
}

/** What GitHub's own language service finds in workflows (`.github/workflows/x.yml`) and actions (`x/action.yml`). */
export async function languageFaults(
  files: Readonly<Record<string, string>>,
  actions: Readonly<Record<string, KnownAction>>,
): Promise<Record<string, readonly string[]>> {
  const script = join(process.cwd(), 'test', 'support', 'language-service.mjs');
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify({ files, actions }));
  const [found, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (found === '') throw new Error(`The language service ended without an answer:\n${errors}`);
  return JSON.parse(found);
}
