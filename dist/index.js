#!/usr/bin/env node
// What starts first, copied into the bundle as it is. A Node that is too old for the rest must be able to read it, to say
// so: that is why it is no TypeScript, and loads the rest by a call.

const needed = 20;
const { node } = process.versions;
if (Number(node.split('.')[0]) >= needed) {
  import('./main.js');
} else {
  console.error(
    `error: Greenlight needs Node ${needed} or newer, and this is Node ${node} (${process.execPath}).\n` +
      'live:  live is unchanged\n' +
      'help:  Put a newer Node first on the path; on GitHub by actions/setup-node, on GitLab by the image of the job.',
  );
  process.exitCode = 2;
}
