import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { Connection, Submittable } from 'pg';
import type { Chunks } from './lines.ts';

/** What a query gives: `content` of the messages, or whole `messages`, each of which is one row. */
export type CopyForm = 'content' | 'messages';

type Handler = (bytes: Buffer) => void;

/** Messages of the server (docs: "Message Formats"). */
const message = { copyData: 0x64, copyOutResponse: 0x48 } as const;
/** Those that may come at any time: settings, notices, notifications. */
const byTheWay: readonly number[] = [0x53, 0x4e, 0x41];

/**
 * A query `COPY ... TO STDOUT` that gives its bytes as they come from the socket: rows are not looked at one by one, and
 * while nobody reads, the server waits. It must be read to its end, or cancelled, before its session can do anything else.
 */
export class CopyOut implements Chunks, Submittable {
  readonly #text: string;
  readonly #form: CopyForm;
  readonly #cancel: () => Promise<void>;
  #socket: Socket | undefined;
  #handler: Handler | undefined;
  readonly #received: Buffer[] = [];
  /** Of the message that is being read: its kind, how much of it is to come, and its first bytes until these are known. */
  #kind = 0;
  #remaining = 0;
  #head: Buffer = Buffer.alloc(0);
  readonly #joints = new Joints();
  #isDone = false;
  #error: unknown = null;
  #wake: () => void = () => undefined;

  /** `cancel` ends the statement from another session. */
  constructor(text: string, form: CopyForm, cancel: () => Promise<void>) {
    this.#text = text;
    this.#form = form;
    this.#cancel = cancel;
  }

  /** What it gave before is not used any more. */
  async next(): Promise<Buffer | null> {
    this.#joints.takeBack();
    for (;;) {
      const chunk = this.#received.shift();
      if (chunk !== undefined) return this.#joints.lend(chunk);
      if (this.#error !== null) throw this.#error;
      if (this.#isDone) return null;
      await new Promise<void>((wake) => {
        this.#wake = wake;
        this.#socket?.resume();
      });
    }
  }

  /** The server notices only when it can go on sending. */
  async cancel(): Promise<void> {
    if (this.#isDone || this.#error !== null) return;
    const cancelled = this.#cancel().catch(() => undefined);
    try {
      while ((await this.next()) !== null);
    } catch {
      // That it was cancelled.
    }
    await cancelled;
  }

  // Called by the driver ----------------------------------------------------------------------------

  submit(connection: Connection): void {
    const socket = connection.stream as Socket;
    const [handler] = socket.listeners('data') as Handler[];
    if (handler === undefined) throw new Error('Nobody reads from the connection');
    this.#socket = socket;
    this.#handler = handler;
    socket.removeListener('data', handler);
    socket.on('data', this.#onData);
    connection.query(this.#text);
  }

  handleError(error: unknown): void {
    this.#detach(Buffer.alloc(0));
    this.#error = error;
    this.#wake();
  }

  handleCommandComplete(): void {
    this.#isDone = true;
    this.#wake();
  }

  handleReadyForQuery(): void {}

  // Messages ----------------------------------------------------------------------------------------

  readonly #onData = (chunk: Buffer): void => {
    this.#socket?.pause();
    const content = this.#form === 'content' ? this.#contentOf(chunk) : this.#messagesOf(chunk);
    if (content.length > 0) this.#received.push(content);
    if (content.length > 0 || this.#isDone) this.#wake();
    else this.#socket?.resume();
  };

  /** What the messages hold, moved together at the beginning of the chunk. */
  #contentOf(received: Buffer): Buffer {
    const chunk = this.#head.length === 0 ? received : Buffer.concat([this.#head, received]);
    this.#head = Buffer.alloc(0);
    let [at, end] = [0, 0];
    while (at < chunk.length) {
      if (this.#remaining === 0) {
        if (chunk.length - at < 5) {
          this.#head = chunk.subarray(at);
          break;
        }
        this.#kind = chunk[at] as number;
        if (!this.#isExpected()) {
          // The end, or an error, perhaps not all of it yet: the driver tells which.
          this.#detach(chunk.subarray(at));
          break;
        }
        this.#remaining = chunk.readUInt32BE(at + 1) - 4;
        at += 5;
      }
      const to = Math.min(chunk.length, at + this.#remaining);
      if (this.#kind === message.copyData) {
        chunk.copyWithin(end, at, to);
        end += to - at;
      }
      this.#remaining -= to - at;
      at = to;
    }
    return chunk.subarray(0, end);
  }

  /** Whole messages with rows, where they stand: they are moved only where something else comes between them. */
  #messagesOf(received: Buffer): Buffer {
    const chunk = this.#head.length === 0 ? received : this.#joints.join(this.#head, received);
    this.#head = Buffer.alloc(0);
    const parts: Buffer[] = [];
    let [from, at] = [0, 0];
    for (;;) {
      if (chunk.length - at < 5) break;
      this.#kind = chunk[at] as number;
      if (!this.#isExpected()) {
        this.#detach(chunk.subarray(at));
        parts.push(chunk.subarray(from, at));
        return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      }
      const to = at + 1 + chunk.readUInt32BE(at + 1);
      if (to > chunk.length) break;
      if (this.#kind !== message.copyData) {
        parts.push(chunk.subarray(from, at));
        from = to;
      }
      at = to;
    }
    this.#head = chunk.subarray(at);
    parts.push(chunk.subarray(from, at));
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  #isExpected(): boolean {
    const { copyData, copyOutResponse } = message;
    return (
      this.#kind === copyData || this.#kind === copyOutResponse || byTheWay.includes(this.#kind)
    );
  }

  #detach(rest: Buffer): void {
    const [socket, handler] = [this.#socket, this.#handler];
    if (socket === undefined || handler === undefined) return;
    this.#socket = undefined;
    this.#handler = undefined;
    socket.removeListener('data', this.#onData);
    socket.on('data', handler);
    if (rest.length > 0) handler(Buffer.from(rest));
    socket.resume();
  }
}

/**
 * Room for chunks that begin with the end of the one before. It is used again when nobody reads in it any more: new room
 * for each chunk of a large table would keep the garbage collector busier than all else.
 */
class Joints {
  readonly #all = new WeakSet<ArrayBufferLike>();
  readonly #free: Buffer[] = [];
  #lent: Buffer | null = null;

  /** `head` may lie in room that is free again. */
  join(head: Buffer, rest: Buffer): Buffer {
    const size = head.length + rest.length;
    // Of a long message that is still coming, nobody else reads there.
    if (this.#all.has(head.buffer) && head.byteOffset === 0 && head.buffer.byteLength >= size) {
      const own = Buffer.from(head.buffer, 0, size);
      rest.copy(own, head.length);
      return own;
    }
    const spare = this.#free.pop();
    const whole = head.length < 5 ? size : Math.max(size, 1 + head.readUInt32BE(1));
    const room = spare !== undefined && spare.length >= whole ? spare : this.#make(whole);
    // First: rest never lies here.
    head.copy(room, 0);
    rest.copy(room, head.length);
    return room.subarray(0, size);
  }

  lend(chunk: Buffer): Buffer {
    this.#lent = chunk;
    return chunk;
  }

  takeBack(): void {
    const room = this.#lent?.buffer;
    this.#lent = null;
    if (room !== undefined && this.#all.has(room)) this.#free.push(Buffer.from(room));
  }

  #make(size: number): Buffer {
    const room = Buffer.allocUnsafeSlow(Math.max(131_072, size));
    this.#all.add(room.buffer);
    return room;
  }
}

/** Counts what the server has taken once it has ended. */
type RowTaker = Writable & { readonly rowCount: number };

/** Takes the bytes for a COPY, and gives them on in large pieces. */
export class CopyIn {
  readonly #stream: RowTaker;
  #pending = Buffer.allocUnsafe(131_072);
  #size = 0;
  #error: unknown = null;

  constructor(stream: RowTaker) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#error = error;
    });
  }

  add(...bytes: readonly Buffer[]): void {
    for (const part of bytes) this.addPart(part, 0, part.length);
  }

  addPart(bytes: Buffer, from: number, to: number): void {
    const size = this.#size + to - from;
    if (size > this.#pending.length) this.#grow(size);
    bytes.copy(this.#pending, this.#size, from, to);
    this.#size = size;
  }

  /** Waits until the server has taken what was added, once it is much. */
  async settled(): Promise<void> {
    if (this.#error !== null) throw this.#error;
    if (this.#size >= 65_536) await this.#flush();
  }

  /**
   * All rows are in the table.
   * @throws when they are not as many as `rows`; null: nobody has counted them.
   */
  async end(rows: number | null): Promise<void> {
    if (this.#error !== null) throw this.#error;
    await this.#flush();
    await this.#settling((settled) => this.#stream.end(settled));
    const { rowCount } = this.#stream;
    if (rows !== null && rowCount !== rows)
      throw new Error(`${rows} rows were given to COPY, and the server has taken ${rowCount}`);
  }

  /** None of them is. */
  async abandon(): Promise<void> {
    if (this.#error !== null || this.#stream.writableFinished) return;
    const closed = new Promise<void>((done) => this.#stream.once('close', () => done()));
    this.#stream.destroy(new Error('abandoned'));
    await closed;
  }

  async #flush(): Promise<void> {
    if (this.#size === 0) return;
    // The socket may hold on to what it was given for longer than it says.
    const bytes = Buffer.from(this.#pending.subarray(0, this.#size));
    this.#size = 0;
    await this.#settling((settled) => this.#stream.write(bytes, settled));
  }

  /** An error may come by the callback, as an event, or both. */
  async #settling(work: (settled: (error?: Error | null) => void) => void): Promise<void> {
    await new Promise<void>((done, fail) => {
      this.#stream.once('error', fail);
      work((error) => {
        this.#stream.removeListener('error', fail);
        if (error) fail(error);
        else done();
      });
    });
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafe(size * 2);
    this.#pending.copy(larger, 0, 0, this.#size);
    this.#pending = larger;
  }
}
