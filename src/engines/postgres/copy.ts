import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Session } from './connection.ts';
import type { Chunks } from './lines.ts';

/** The bytes that a COPY gives. It must be read to its end, or cancelled, before its session can do anything else. */
export class CopyOut implements Chunks {
  readonly #session: Session;
  readonly #stream: Readable;
  #ended = false;
  #error: unknown = null;
  #wake: () => void = () => undefined;

  constructor(session: Session, stream: Readable) {
    this.#session = session;
    this.#stream = stream;
    stream.on('readable', () => this.#wake());
    stream.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    stream.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  async next(): Promise<Buffer | null> {
    for (;;) {
      if (this.#error !== null) throw this.#error;
      const chunk: Buffer | null = this.#stream.read();
      if (chunk !== null) return chunk;
      if (this.#ended) return null;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  /** The server notices only when it can go on sending. */
  async cancel(): Promise<void> {
    if (this.#ended || this.#error !== null) return;
    const cancelled = this.#session.cancel().catch(() => undefined);
    await this.#drain().catch(() => undefined);
    await cancelled;
  }

  async #drain(): Promise<void> {
    while ((await this.next()) !== null);
  }
}

/** Takes the bytes for a COPY, in large pieces. */
export class CopyIn {
  readonly #stream: Writable;
  #pending: Buffer[] = [];
  #size = 0;
  #error: unknown = null;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error = error;
    });
  }

  add(...bytes: readonly Buffer[]): void {
    for (const part of bytes) {
      this.#pending.push(part);
      this.#size += part.length;
    }
  }

  /** Waits while the server has not taken enough. */
  async settled(): Promise<void> {
    if (this.#error !== null) throw this.#error;
    if (this.#size < 65_536) return;
    if (!this.#flush()) await once(this.#stream, 'drain');
  }

  /** All rows are in the table. */
  async end(): Promise<void> {
    if (this.#error !== null) throw this.#error;
    this.#flush();
    this.#stream.end();
    await once(this.#stream, 'finish');
  }

  /** None of them is. */
  async abandon(): Promise<void> {
    if (this.#error !== null) return;
    const closed = new Promise<void>((done) => this.#stream.once('close', () => done()));
    this.#stream.destroy(new Error('abandoned'));
    await closed;
  }

  #flush(): boolean {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#size = 0;
    return bytes.length === 0 || this.#stream.write(bytes);
  }
}
