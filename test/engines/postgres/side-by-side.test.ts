import { expect, test } from '@jest/globals';
import { equalBytes, walkBoth } from '../../../src/engines/postgres/side-by-side.ts';

test('how many bytes are equal is exact, wherever the first other one stands', () => {
  const length = 20_000;
  const bytes = Buffer.from(Array.from({ length: length + 10 }, (_, at) => at % 251));
  const old = { buffer: Buffer.concat([Buffer.from('abc'), bytes]), at: 3 };
  const placesToDiffer = [0, 1, 63, 64, 65, 255, 256, 257, 1279, 1280, 5375, 5376, 12_345, 19_999];
  for (const place of placesToDiffer) {
    const buffer = Buffer.from(bytes);
    buffer.writeUInt8((buffer.readUInt8(place) + 1) % 256, place);
    expect(equalBytes(old, { buffer, at: 0 }, length)).toBe(place);
    expect(equalBytes({ buffer, at: 0 }, old, length)).toBe(place);
    // What stands behind the length does not count.
    expect(equalBytes(old, { buffer, at: 0 }, place)).toBe(place);
  }
  expect(equalBytes(old, { buffer: bytes, at: 0 }, length)).toBe(length);
});

test('both are walked to their ends, and what was told is waited for on the way', async () => {
  const pieces = (...sizes: number[]) => ({
    buffer: Buffer.alloc(0),
    at: 0,
    get isEmpty() {
      return this.at === this.buffer.length;
    },
    async fill() {
      this.at = 0;
      this.buffer = Buffer.alloc(sizes.shift() ?? 0);
    },
  });
  const [old, candidate] = [pieces(100_000, 50_000), pieces(60_000)];
  const settled: number[] = [];
  const listener = { settled: async (bytes: number) => void settled.push(bytes) };
  await walkBoth(old, candidate, listener, () => {
    for (const side of [old, candidate]) side.at += Math.min(20_000, side.buffer.length - side.at);
  });
  expect(settled).toEqual([80_000, 120_000, 140_000, 160_000, 180_000, 200_000, 210_000, 210_000]);
});
