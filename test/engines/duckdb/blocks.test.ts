import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { beginBlocks } from '../../../src/engines/duckdb/blocks.ts';

/** Files that look like a database to the comparison of blocks: three headers, then blocks. */
const header = 3 * 4096;
const usual = 262_144;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'greenlight-blocks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function file(
  blocks: readonly number[],
  { head = 0, tail = 0, size = usual, again = 0 } = {},
): Buffer {
  const headers = Buffer.alloc(header, head);
  headers.writeBigUInt64LE(BigInt(size), 4096 + 40);
  headers.writeBigUInt64LE(BigInt(again || size), 8192 + 40);
  return Buffer.concat([
    headers,
    ...blocks.map((content) => Buffer.alloc(size, content)),
    Buffer.alloc(tail, 1),
  ]);
}

async function compare(old: Buffer, candidate: Buffer, log?: 'old' | 'new') {
  const places = { old: join(folder, 'old.duckdb'), new: join(folder, 'new.duckdb') };
  await writeFile(places.old, old);
  await writeFile(places.new, candidate);
  if (log !== undefined) await writeFile(`${places[log]}.wal`, 'x');
  const begun = beginBlocks(places.old, places.new);
  const compared = await begun.compared;
  await begun.close();
  if (log !== undefined) await rm(`${places[log]}.wal`);
  return compared;
}

const many = (count: number, change: (at: number) => number = () => 7) =>
  Array.from({ length: count }, (_, at) => change(at));

test('equal files are equal as a whole', async () => {
  const bytes = header + 40 * usual;
  expect(await compare(file(many(40)), file(many(40)))).toEqual({
    blockSize: usual,
    wholeFile: { bytes, shared: 0 },
    end: 40,
    different: [],
  });
});

test('a block that differs is told by its number, wherever it lies in what is read at once', async () => {
  for (const at of [0, 15, 16, 31, 32, 39]) {
    const changed = many(40, (nth) => (nth === at ? 8 : 7));
    expect(await compare(file(many(40)), file(changed))).toEqual({
      blockSize: usual,
      wholeFile: null,
      end: 40,
      different: [at],
    });
  }
});

test('one byte is enough, the last as well as the first of a block', async () => {
  for (const at of [header + 3 * usual, header + 4 * usual - 1]) {
    const changed = file(many(40));
    changed[at] = 9;
    const compared = await compare(file(many(40)), changed);
    expect(compared?.different).toEqual([3]);
  }
});

test('another header, or bytes behind the last block, make another file of equal blocks', async () => {
  for (const other of [file(many(40), { head: 5 }), file(many(40), { tail: 10 })]) {
    expect(await compare(file(many(40)), other)).toEqual({
      blockSize: usual,
      wholeFile: null,
      end: 40,
      different: [],
    });
  }
});

test('blocks that one file does not have are not looked at', async () => {
  expect(await compare(file(many(40)), file(many(50)))).toMatchObject({ wholeFile: null, end: 40 });
});

test('nothing is told beside a log, nor of files that are no copies of each other', async () => {
  expect(await compare(file(many(4)), file(many(4)), 'old')).toBeNull();
  expect(await compare(file(many(4)), file(many(4)), 'new')).toBeNull();
  expect(await compare(file(many(80)), file(many(80, () => 9)))).toBeNull();
});

test('blocks are counted in the size that the headers of both files say', async () => {
  const size = 16_384;
  for (const at of [0, 255, 256, 299]) {
    const changed = file(
      many(300, (nth) => (nth === at ? 8 : 7)),
      { size },
    );
    expect(await compare(file(many(300), { size }), changed)).toEqual({
      blockSize: size,
      wholeFile: null,
      end: 300,
      different: [at],
    });
  }
});

test('nothing is told where the headers say different sizes, or none that DuckDB has', async () => {
  expect(await compare(file(many(16)), file(many(256), { size: 16_384 }))).toBeNull();
  for (const wrong of [{ again: 16_384 }, { size: 200_000 }, { size: 8_192 }, { size: 524_288 }])
    expect(await compare(file(many(16), wrong), file(many(16), wrong))).toBeNull();
});
