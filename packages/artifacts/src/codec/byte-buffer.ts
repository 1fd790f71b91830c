const INITIAL_BYTES = 65_536;

/**
 * Bytes that are appended to and then handed on, in memory that is used again.
 *
 * `bytes` and `view` are replaced when {@link reserve} has to grow: code that
 * keeps them in a variable must read them again after each call.
 */
export class ByteBuffer {
  /** The memory. Only the first `length` bytes mean anything. */
  bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  /** The same memory, for access by the word. */
  view: DataView = viewOf(this.bytes);
  /** How many bytes are in use. */
  length = 0;

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  /** Appends text as UTF-8. */
  appendText(text: string): void {
    // One UTF-16 unit is at most three bytes.
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** Appends bytes of other memory, which is fast for as few as a line has. */
  appendBytes(source: DataView, start: number, end: number): void {
    this.reserve(end - start);
    const { bytes, view } = this;
    let to = this.length;
    let from = start;
    // Stryker disable next-line ConditionalExpression, EqualityOperator: words save time only; bytes do for what is left.
    for (const last = end - 4; from <= last; from += 4) {
      view.setInt32(to, source.getInt32(from, true), true);
      to += 4;
    }
    for (; from < end; from++) bytes[to++] = source.getUint8(from);
    this.length = to;
  }

  /** Drops the first `count` bytes. */
  discard(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
