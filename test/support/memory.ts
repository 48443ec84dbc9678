import { Writable } from 'node:stream';

/** A stream that remembers what was written. */
export class Memory extends Writable {
  text = '';
  columns = 60;
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}
