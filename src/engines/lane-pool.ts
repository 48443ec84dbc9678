/** A lane as a pool sees it. */
interface PooledLane {
  /** How much is under way or waits. */
  readonly busy: number;
  close(): Promise<void>;
}

/** Lanes that are made when they are needed, `most` of them at the most. */
export class LanePool<OwnLane extends PooledLane> {
  readonly #most: number;
  readonly #make: () => OwnLane;
  readonly #lanes: OwnLane[] = [];
  /** Schema and name -> the lane in which its tables are. */
  readonly #ofPairs = new Map<string, OwnLane>();

  constructor(most: number, make: () => OwnLane) {
    this.#most = most;
    this.#make = make;
  }

  /** Everything of one pair happens in one lane. */
  laneOf(schema: string, name: string): OwnLane {
    const id = JSON.stringify([schema, name]);
    const lane = this.#ofPairs.get(id) ?? this.anyLane();
    this.#ofPairs.set(id, lane);
    return lane;
  }

  /** For what belongs to no pair. */
  anyLane(): OwnLane {
    const least = this.#lanes.toSorted((a, b) => a.busy - b.busy)[0];
    if (least !== undefined && (least.busy === 0 || this.#lanes.length === this.#most))
      return least;
    const lane = this.#make();
    this.#lanes.push(lane);
    return lane;
  }

  /** Gives the lane that the pair had. */
  forget(schema: string, name: string): OwnLane | undefined {
    const id = JSON.stringify([schema, name]);
    const lane = this.#ofPairs.get(id);
    this.#ofPairs.delete(id);
    return lane;
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}
