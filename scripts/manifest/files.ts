// Everything that manifest.yml gives: path -> text.

import { readFile } from 'node:fs/promises';
import { actionReadme, compositeAction, rootAction } from './actions.ts';
import { component } from './components.ts';
import { sharedOptionsPart, stepPart, stepsPart, withPart } from './pages.ts';
import { readManifest } from './read.ts';
import { manifestModule } from './typescript.ts';

/** Made as a whole: a file in them that nothing gives any more goes. */
export const manifestFolders = ['actions', 'templates'];

/** Reads the manifest, and the pages that hold parts of it, in the working directory. */
export async function manifestFiles(): Promise<Map<string, string>> {
  const steps = readManifest(await readFile('manifest.yml', 'utf8'));
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  const files = new Map([['src/manifest.generated.ts', manifestModule(steps)]]);

  const onGithub = steps.filter(({ permissions }) => permissions.length > 0);
  files.set('action.yml', rootAction(onGithub));
  for (const step of onGithub) {
    files.set(`actions/${step.name}/action.yml`, compositeAction(step));
    files.set(`actions/${step.name}/README.md`, actionReadme(step, version));
  }
  for (const step of steps) {
    if (step.gitlab !== null) files.set(`templates/${step.name}.yml`, component(step, step.gitlab));
    const file = `docs/steps/${step.name}.md`;
    const page = await readFile(file, 'utf8').catch(() => '');
    files.set(file, withPart(page, file, 'options', stepPart(step, steps, version)));
  }
  const commandLine = withPart(
    await readFile('docs/cli.md', 'utf8'),
    'docs/cli.md',
    'steps',
    stepsPart(steps),
  );
  files.set(
    'docs/cli.md',
    withPart(commandLine, 'docs/cli.md', 'options', sharedOptionsPart(steps)),
  );
  return files;
}
