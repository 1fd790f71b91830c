/**
 * The lines of a text that hold something, one at a time.
 *
 * A line may be entered further in, as the entry after a dash is: then it counts
 * as indented up to there.
 */
export class PlainLines {
  readonly text: string;
  #lineStart = 0;
  #at = 0;
  #end = -1;
  #done = false;

  constructor(text: string) {
    this.text = text;
    this.next();
  }

  /** Whether there is no line left. */
  get done(): boolean {
    return this.#done;
  }

  /** Offset of the first character that counts. */
  get at(): number {
    return this.#at;
  }

  /** Exclusive offset of the line, its line break not included. */
  get end(): number {
    return this.#end;
  }

  /** How far the line is indented; -1 when there is none. */
  get indent(): number {
    return this.#done ? -1 : this.#at - this.#lineStart;
  }

  /** Moves on to the next line that is neither blank nor a comment. */
  next(): void {
    this.moveTo(this.#end + 1);
  }

  /** Moves on to the first line that counts from the start of a line on. */
  moveTo(lineStart: number): void {
    const { text } = this;
    let start = lineStart;
    while (start < text.length) {
      let at = start;
      while (text.charCodeAt(at) === 32) at += 1;
      const newline = text.indexOf("\n", at);
      const end = newline === -1 ? text.length : newline;
      if (at < end && text.charCodeAt(at) !== 35) {
        this.#lineStart = start;
        this.#at = at;
        this.#end = end;
        return;
      }
      start = end + 1;
    }
    this.#done = true;
    this.#at = text.length;
    this.#end = text.length;
  }

  /** Enters the line further in. */
  enter(at: number): void {
    this.#at = at;
  }

  /** Whether nothing but blanks and a comment follows on the line from here. */
  isRestEmpty(from: number): boolean {
    let at = from;
    while (at < this.#end && this.text.charCodeAt(at) === 32) at += 1;
    if (at >= this.#end) return true;
    return this.text.charCodeAt(at) === 35 && (at > from || this.text.charCodeAt(at - 1) === 32);
  }

  /** Whether the line is an entry of a list. */
  get isItem(): boolean {
    if (this.#done || this.text.charCodeAt(this.#at) !== 45) return false;
    return this.#at + 1 >= this.#end || this.text.charCodeAt(this.#at + 1) === 32;
  }
}
