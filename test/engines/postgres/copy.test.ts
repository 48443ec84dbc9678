import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { Connection } from 'pg';
import { CopyIn, CopyOut } from '../../../src/engines/postgres/copy.ts';

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

test('in whole messages, an error within a row is never taken for the end', async () => {
  const row = message('d', 'a longer row');
  const error = message('E', 'told');
  for (let cut = 1; cut < row.length; cut++) {
    for (let end = 1; end <= error.length; end++) {
      const copy = new CopyOut('COPY', 'messages', async () => undefined);
      const receive = driverOf(copy);
      receive(begin, message('d', '1'), row.subarray(0, cut));
      expect(await copy.next()).toEqual(message('d', '1'));
      const next = copy.next();
      receive(row.subarray(cut), error.subarray(0, end));
      expect(await next).toEqual(row);
      const last = copy.next();
      if (end < error.length) receive(error.subarray(end));
      await expect(last).rejects.toThrow('told');
    }
  }
});

describe('rows that are given', () => {
  function taker(taken: number, { failsAt }: { failsAt?: 'write' | 'final' } = {}) {
    const failing = (at: string) => (failsAt === at ? new Error(`failed at ${at}`) : null);
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(failing('write')),
      final: (done) => done(failing('final')),
    });
    return Object.assign(stream, { rowCount: taken });
  }

  test.each(['write', 'final'] as const)('an error at %s is told', async (failsAt) => {
    const into = new CopyIn(taker(1, { failsAt }));
    into.add(Buffer.from('1\n'));
    await expect(into.end(1)).rejects.toThrow(`failed at ${failsAt}`);
  });

  test('an error that only the callback is told of is passed on', async () => {
    const stream = taker(1);
    stream.write = ((_bytes: Buffer, told: (error: Error) => void) => {
      told(new Error('told once'));
      return false;
    }) as typeof stream.write;
    const into = new CopyIn(stream);
    into.add(Buffer.from('1\n'));
    await expect(into.end(1)).rejects.toThrow('told once');
  });

  test('fewer rows in the table than were given are an error', async () => {
    const into = new CopyIn(taker(1));
    into.add(Buffer.from('1\n2\n'));
    await expect(into.end(2)).rejects.toThrow('2 rows were given to COPY');
  });
});
