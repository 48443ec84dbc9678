import { expect, test } from '@jest/globals';
import { LanePool } from '../../src/engines/lane-pool.ts';

const pool = (most: number) => {
  const made: { busy: number; closed: boolean; close(): Promise<void> }[] = [];
  const lanes = new LanePool(most, () => {
    const lane = {
      busy: 0,
      closed: false,
      close: async () => {
        lane.closed = true;
      },
    };
    made.push(lane);
    return lane;
  });
  return { made, lanes };
};

test('a lane is made when all others have work, up to the most', () => {
  const { made, lanes } = pool(2);
  const first = lanes.anyLane();
  expect(lanes.anyLane()).toBe(first);
  first.busy = 2;
  const second = lanes.anyLane();
  expect(second).not.toBe(first);
  second.busy = 1;
  expect(lanes.anyLane()).toBe(second);
  expect(made).toHaveLength(2);
});

test('everything of one pair happens in one lane until it is forgotten', async () => {
  const { made, lanes } = pool(3);
  const lane = lanes.laneOf('shop', 'orders');
  lane.busy = 5;
  expect(lanes.laneOf('shop', 'orders')).toBe(lane);
  expect(lanes.laneOf('shop', 'items')).not.toBe(lane);
  expect(lanes.forget('shop', 'orders')).toBe(lane);
  expect(lanes.forget('shop', 'orders')).toBeUndefined();
  expect(lanes.laneOf('shop', 'orders')).not.toBe(lane);
  await lanes.close();
  expect(made.map(({ closed }) => closed)).toEqual([true, true]);
});
