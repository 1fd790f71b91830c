/** An input event of the keyboard or the mouse. */
export type KeyEvent =
  /** A key by its name: `j`, `G`, `up`, `enter`, `ctrl-c`, `shift-tab`. */
  | { readonly kind: "key"; readonly key: string }
  /** Pasted text, including control characters. */
  | { readonly kind: "paste"; readonly text: string }
  /** The wheel, or a press of the first button; column and row from 0. */
  | {
      readonly kind: "mouse";
      readonly what: "wheel_up" | "wheel_down" | "press";
      readonly x: number;
      readonly y: number;
    };

const PASTE_START = "\u001B[200~";
const PASTE_END = "\u001B[201~";

/** A longer paste is cut to this length. Unit: UTF-16 code units. */
const MAX_PASTE = 65_536;

/**
 * A control sequence, a function key (SS3), one character, or the start of one of the first two.
 *
 * Source: ECMA-48, 5.4; xterm sends SS3 for arrows in application mode.
 */
// oxlint-disable-next-line no-control-regex -- keys arrive as control sequences
const TOKEN = /\u001B\[[0-?]*[ -/]*[@-~]|\u001BO[@-~]|\u001B(?:\[[0-?]*[ -/]*|O)?$|[^]/uy;

const NAMED: ReadonlyMap<string, string> = new Map([
  ["[A", "up"],
  ["[B", "down"],
  ["[C", "right"],
  ["[D", "left"],
  ["[H", "home"],
  ["[F", "end"],
  ["[1~", "home"],
  ["[7~", "home"],
  ["[4~", "end"],
  ["[8~", "end"],
  ["[2~", "insert"],
  ["[3~", "delete"],
  ["[5~", "pageup"],
  ["[6~", "pagedown"],
  ["[Z", "shift-tab"],
  ["OA", "up"],
  ["OB", "down"],
  ["OC", "right"],
  ["OD", "left"],
  ["OH", "home"],
  ["OF", "end"],
]);

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["\r", "enter"],
  ["\n", "enter"],
  ["\t", "tab"],
  ["\u001B", "escape"],
  ["\u007F", "backspace"],
  ["\b", "backspace"],
  [" ", "space"],
]);

/**
 * Decodes keys from the bytes of a terminal. The result does not depend on how the bytes are split into chunks.
 *
 * An Esc at the end is held back until `flush`, because an arrow key starts with one, too.
 */
export class KeyDecoder {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #paste: string | undefined;

  /** Whether `flush` would return something that is held back. */
  get pending(): boolean {
    return this.#rest !== "" && this.#paste === undefined;
  }

  /** The keys that a chunk completes. */
  push(chunk: Uint8Array | string): KeyEvent[] {
    this.#rest += typeof chunk === "string" ? chunk : this.#decoder.decode(chunk, { stream: true });
    const events: KeyEvent[] = [];
    while (this.#rest !== "") {
      if (this.#paste !== undefined) {
        if (!this.#takePaste(events)) break;
        continue;
      }
      TOKEN.lastIndex = 0;
      const token = TOKEN.exec(this.#rest)?.[0] ?? "";
      if (token === "" || isBeginning(token)) break;
      this.#rest = this.#rest.slice(token.length);
      if (token === PASTE_START) this.#paste = "";
      else addKey(events, token);
    }
    return events;
  }

  /** The keys that were held back. Call it when nothing followed them in time. */
  flush(): KeyEvent[] {
    if (!this.pending) return [];
    const events: KeyEvent[] = [];
    for (const character of this.#rest) addKey(events, character);
    this.#rest = "";
    return events;
  }

  #takePaste(events: KeyEvent[]): boolean {
    const end = this.#rest.indexOf(PASTE_END);
    const taken =
      end < 0
        ? this.#rest.slice(0, Math.max(0, this.#rest.length - PASTE_END.length))
        : this.#rest.slice(0, end);
    this.#paste = ((this.#paste ?? "") + taken).slice(0, MAX_PASTE);
    this.#rest = this.#rest.slice(end < 0 ? taken.length : end + PASTE_END.length);
    if (end < 0) return false;
    events.push({ kind: "paste", text: this.#paste });
    this.#paste = undefined;
    return true;
  }
}

function isBeginning(token: string): boolean {
  // oxlint-disable-next-line no-control-regex -- keys arrive as control sequences
  return /^\u001B(?:\[[0-?]*[ -/]*|O)?$/.test(token);
}

function addKey(events: KeyEvent[], token: string): void {
  const key = CONTROLS.get(token);
  if (key !== undefined) events.push({ kind: "key", key });
  else if (token.startsWith("\u001B")) addSequence(events, token.slice(1));
  else if (token < " ")
    events.push({ kind: "key", key: `ctrl-${String.fromCharCode(token.charCodeAt(0) + 96)}` });
  else events.push({ kind: "key", key: token });
}

function addSequence(events: KeyEvent[], sequence: string): void {
  const mouse = /^\[<(\d+);(\d+);(\d+)([Mm])$/.exec(sequence);
  if (mouse !== null) {
    const [, button, x, y, end] = mouse;
    const what = button === "64" ? "wheel_up" : button === "65" ? "wheel_down" : "press";
    if (what !== "press" || (button === "0" && end === "M")) {
      events.push({ kind: "mouse", what, x: Number(x) - 1, y: Number(y) - 1 });
    }
    return;
  }
  // Shift, Alt and Ctrl with a named key (`[1;5A`) are ignored.
  const plain = sequence.replace(/^\[1;\d+([A-Z])$/, "[$1").replace(/^\[(\d+);\d+~$/, "[$1~");
  const named = NAMED.get(plain);
  if (named !== undefined) events.push({ kind: "key", key: named });
}
