import { constants, copyFile, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { beginBlocks } from '../../../src/engines/duckdb/blocks.ts';
import { parseExtents, sharedExtents } from '../../../src/engines/duckdb/extents.ts';
import { mountSharing, type SharingFileSystem } from '../../support/sharing.ts';

const said = (rows: string, { type = '58465342', end = 'a: 2 extents found\n' } = {}) =>
  `Filesystem type is: ${type}
File size of a is 1048576 (256 blocks of 4096 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
${rows}
${end}`;

describe('what filefrag says', () => {
  test('shared extents, in bytes', () => {
    const rows = `   0:        0..      99:      38410..     38509:    100:             shared
   1:      100..     100:     103741..    103741:      1:      38510:
   2:      101..     255:      38511..     38665:    155:     103742: last,shared,eof`;
    expect(parseExtents(said(rows))).toEqual([
      { from: 0, to: 409_600, physical: 38_410 * 4096 },
      { from: 413_696, to: 1_048_576, physical: 38_511 * 4096 },
    ]);
  });

  test.each([
    'delalloc',
    'encoded',
    'encrypted',
    'inline',
    'not_aligned',
    'tail_packed',
    'unknown_loc',
    'unwritten',
  ])('an extent that is %s proves nothing', (flag) => {
    const rows = `   0:        0..     255:      38410..     38665:    256:             shared,${flag}`;
    expect(parseExtents(said(rows))).toEqual([]);
  });

  test('nor does one that is not shared, has another length than its place, or is of another file system', () => {
    const one = (flags: string, length = 256) =>
      `   0:        0..     255:      38410..     38665:    ${length}:             ${flags}`;
    expect(parseExtents(said(one('shared')))).toHaveLength(1);
    expect(parseExtents(said(one('last,eof')))).toEqual([]);
    expect(parseExtents(said(one('shared', 255)))).toEqual([]);
    expect(parseExtents(said(one('shared'), { type: '794c7630' }))).toEqual([]);
    expect(parseExtents(said(one('shared'), { end: '' }))).toEqual([]);
    expect(parseExtents('')).toEqual([]);
  });
});

describe.each(['xfs', 'btrfs'] as const)('on %s', (kind) => {
  const [header, block, count] = [3 * 4096, 262_144, 280];
  let mounted: SharingFileSystem | string;
  const files = () => {
    const folder = (mounted as SharingFileSystem).folder;
    return { old: join(folder, 'old.duckdb'), new: join(folder, 'new.duckdb') };
  };
  beforeAll(async () => {
    mounted = await mountSharing(kind);
    if (typeof mounted === 'string') return;
    const content = Buffer.alloc(header + count * block, 7);
    for (const at of [4096 + 40, 8192 + 40]) content.writeBigUInt64LE(BigInt(block), at);
    await writeFile(files().old, content);
    await copyFile(files().old, files().new, constants.COPYFILE_FICLONE_FORCE);
  }, 120_000);
  afterAll(async () => {
    if (typeof mounted !== 'string') await mounted.dispose();
  });
  const whenMounted = (name: string, work: () => Promise<void>) =>
    test(name, async () => {
      if (typeof mounted !== 'string') return work();
      process.stderr.write(`skipped: ${kind}: ${name}: ${mounted}\n`);
    });
  const write = async (at: number, byte: number) => {
    const file = await open(files().new, 'r+');
    await file.write(Buffer.of(byte), 0, 1, header + at);
    await file.close();
  };
  const compare = async () => {
    const begun = beginBlocks(files().old, files().new);
    const compared = await begun.compared;
    await begun.close();
    return compared;
  };

  whenMounted('a clone is equal without being read', async () => {
    expect(await sharedExtents(files().old, files().new)).toEqual([
      { from: 0, to: header + count * block },
    ]);
    expect(await compare()).toMatchObject({
      different: [],
      wholeFile: { bytes: header + count * block, shared: count * block },
    });
  });

  whenMounted('a byte that is not on the disk yet is found all the same', async () => {
    for (const at of [0, 17 * block - 1, 100 * block + 5000, count * block - 1]) {
      await write(at, 8);
      expect((await compare())?.different).toEqual([Math.floor(at / block)]);
      await write(at, 7);
      const back = await compare();
      expect(back?.different).toEqual([]);
      // Equal again, and no longer shared: it was read.
      expect(back?.wholeFile?.shared).toBeLessThan(count * block);
    }
  });

  whenMounted('what each shares with other files proves nothing', async () => {
    const content = Buffer.alloc(header + count * block, 9);
    await writeFile(files().new, content);
    for (const file of Object.values(files()))
      await copyFile(file, `${file}.copy`, constants.COPYFILE_FICLONE_FORCE);
    const clone = await sharedExtents(files().new, `${files().new}.copy`);
    expect(clone).toEqual([{ from: 0, to: content.length }]);
    expect(await sharedExtents(files().old, files().new)).toEqual([]);
  });
});
