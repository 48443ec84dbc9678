// Writes test/support/github-openapi.json: GitHub's own description of its API, trimmed to the routes that src/hosts/github/
// uses. Run by hand when a route is added, or to take a newer description: node scripts/trim-openapi.mjs
//
// The package that holds the whole description (13 MB of JSON) is fetched for this only.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = '@octokit/openapi@23.0.2';

const routes = {
  '/user': ['get'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['patch', 'delete'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions': ['post'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get'],
  '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}': ['get'],
  '/repos/{owner}/{repo}/collaborators/{username}/permission': ['get'],
  '/repos/{owner}/{repo}/commits/{commit_sha}/pulls': ['get'],
  '/repos/{owner}/{repo}/statuses/{sha}': ['post'],
};

const folder = await mkdtemp(join(tmpdir(), 'greenlight-openapi-'));
try {
  execFileSync('npm', ['pack', '--silent', source], { cwd: folder });
  execFileSync(
    'sh',
    ['-c', 'tar xzf octokit-openapi-*.tgz package/generated/api.github.com.json'],
    {
      cwd: folder,
    },
  );
  const file = join(folder, 'package', 'generated', 'api.github.com.json');
  const trimmed = trim(JSON.parse(await readFile(file, 'utf8')));
  await writeFile('test/support/github-openapi.json', `${JSON.stringify(trimmed)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function trim(description) {
  const paths = Object.fromEntries(
    Object.entries(routes).map(([path, methods]) => [
      path,
      Object.fromEntries(methods.map((method) => [method, operation(description, path, method)])),
    ]),
  );
  const components = {};
  const pending = [paths];
  while (pending.length > 0) {
    for (const reference of references(pending.pop())) {
      const [kind, name] = reference.replace('#/components/', '').split('/');
      components[kind] ??= {};
      if (components[kind][name] !== undefined) continue;
      components[kind][name] = withoutTexts(description.components[kind][name]);
      pending.push(components[kind][name]);
    }
  }
  const { openapi, info } = description;
  const { title, version, license } = info;
  return { openapi, info: { title, version, license, 'x-source': source }, paths, components };
}

function operation(description, path, method) {
  const { operationId, parameters, requestBody, responses } = description.paths[path][method];
  return withoutTexts({ operationId, parameters, requestBody, responses });
}

/** What only people read is nine tenths of it. A property may be called `description`: its schema stays. */
function withoutTexts(value, isMap = false) {
  if (Array.isArray(value)) return value.map((item) => withoutTexts(item));
  if (typeof value !== 'object' || value === null) return value;
  const texts = ['description', 'summary', 'example', 'examples', 'externalDocs', 'title'];
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([name, member]) =>
          isMap || !(texts.includes(name) || name.startsWith('x-') || member === undefined),
      )
      .map(([name, member]) => [name, withoutTexts(member, name === 'properties' && !isMap)]),
  );
}

function references(value) {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' && typeof member === 'string' ? [member] : references(member),
  );
}
