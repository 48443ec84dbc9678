import type { ComparedColumn } from '../engine.ts';
import { type Row, toNumber } from './connection.ts';

/** Adds up c0, c1, ... over the statements of a table. */
export class DeviatingCells {
  /** Column -> rows in which it deviates. */
  readonly counts = new Map<string, number>();

  /** Gives true when any column deviates in this row of counts. */
  add(columns: readonly ComparedColumn[], row: Row): boolean {
    let any = false;
    columns.forEach(({ name }, at) => {
      const count = toNumber(row[`c${at}`]);
      if (count === 0) return;
      any = true;
      this.counts.set(name, (this.counts.get(name) ?? 0) + count);
    });
    return any;
  }
}
