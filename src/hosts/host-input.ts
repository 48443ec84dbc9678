/**
 * An input of the action or the component that only the host reads: `INPUT_GITHUB-TOKEN` as GitHub's runner writes it,
 * or with underscores. It is taken out of the environment: no command of the project gets to see a token. Empty: not given.
 */
export function takeInput(env: NodeJS.ProcessEnv, name: string): string {
  const dashed = `INPUT_${name.toUpperCase()}`;
  const underscored = dashed.replaceAll('-', '_');
  const value = env[dashed] || env[underscored] || '';
  delete env[dashed];
  delete env[underscored];
  return value;
}
