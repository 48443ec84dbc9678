// Holds requests and replies against GitHub's own description of its API. A process of its own: jest cannot load
// what openapi-backend is made of (a CommonJS module that requires an ES module). Started by github-api.ts.
//
//   { id, request }                     ->  { id, operation, params, faults }
//   { id, operation, status, body }     ->  { id, faults }

import { readFile } from 'node:fs/promises';
import { OpenAPIBackend } from 'openapi-backend';

const definition = JSON.parse(
  await readFile(new URL('github-openapi.json', import.meta.url), 'utf8'),
);
const backend = new OpenAPIBackend({
  definition,
  quick: true,
  ajvOpts: { strict: false, validateFormats: false },
});
await backend.init();

process.on('message', ({ id, ...asked }) => {
  process.send({ id, ...('request' in asked ? checkRequest(asked.request) : checkReply(asked)) });
});
process.send({ id: 0 });

function checkRequest(request) {
  const operation = backend.matchOperation(request);
  if (operation?.operationId === undefined) {
    return {
      operation: null,
      params: {},
      faults: [`no such route: ${request.method} ${request.path}`],
    };
  }
  const { params } = backend.router.parseRequest(request, operation);
  const name = operation.operationId;
  return {
    operation: name,
    params,
    faults: told(name, backend.validateRequest(request, operation)),
  };
}

function checkReply({ operation, status, body }) {
  return {
    faults: told(`the reply of ${operation}`, backend.validateResponse(body, operation, status)),
  };
}

function told(what, { valid, errors }) {
  return valid === true ? [] : [`${what}: ${JSON.stringify(errors)}`];
}
