import type { Host } from './host.ts';
import { terminalHost } from './terminal.ts';

/** The host that the environment tells of. What speaks to GitHub or GitLab is loaded only there. */
export async function detectHost(env: NodeJS.ProcessEnv, quiet: boolean): Promise<Host> {
  const log = process.stderr;
  if (env.GITHUB_ACTIONS === 'true')
    return (await import('./github/host.ts')).githubHost({ env, quiet, log });
  if (env.GITLAB_CI === 'true')
    return (await import('./gitlab/host.ts')).gitlabHost({ env, quiet, log });
  return terminalHost({ stream: log, isTTY: log.isTTY === true, quiet, env });
}
