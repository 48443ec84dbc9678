import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import type { Connection } from 'pg';
import { CopyOut } from '../../../src/engines/postgres/copy.ts';

/** What a driver is to a query: it takes the bytes that the query leaves, and tells what they mean. */
function driverOf(copy: CopyOut) {
  const stream = Object.assign(new EventEmitter(), { pause: () => stream, resume: () => stream });
  let rest = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    if (rest.length < 5 || rest.length < 1 + rest.readUInt32BE(1)) return;
    if (rest[0] === 'E'.charCodeAt(0)) copy.handleError(new Error(rest.toString('latin1', 5)));
    else copy.handleCommandComplete();
  });
  copy.submit({ stream, query: () => undefined } as unknown as Connection);
  return (...bytes: Buffer[]) => stream.emit('data', Buffer.concat(bytes));
}

function message(kind: string, body: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(kind), size, Buffer.from(body)]);
}

const begin = message('H', '\0\0\0');

test('rows that end with an error are never taken for all rows, however its bytes come', async () => {
  const error = message('E', 'told');
  for (let cut = 1; cut <= error.length; cut++) {
    const copy = new CopyOut('COPY', 'content', async () => undefined);
    const receive = driverOf(copy);
    receive(begin, message('d', '1\n'), error.subarray(0, cut));
    expect(String(await copy.next())).toBe('1\n');
    const next = copy.next();
    if (cut < error.length) receive(error.subarray(cut));
    await expect(next).rejects.toThrow('told');
  }
});

test('the end is the end, however its bytes come', async () => {
  const end = message('C', 'COPY 1');
  for (let cut = 1; cut <= end.length; cut++) {
    const copy = new CopyOut('COPY', 'content', async () => undefined);
    const receive = driverOf(copy);
    receive(begin, message('d', '1\n'), end.subarray(0, cut));
    expect(String(await copy.next())).toBe('1\n');
    const next = copy.next();
    if (cut < end.length) receive(end.subarray(cut));
    expect(await next).toBeNull();
  }
});
