/** What a key asks for. */
export type KeyCommand =
  | "up"
  | "down"
  | "page_up"
  | "page_down"
  | "first"
  | "last"
  | "follow"
  | "interrupt"
  | "repaint";

/**
 * A key: a control sequence, a function key, or one character.
 *
 * Source: ECMA-48, 5.4; SS3 as xterm sends it for arrows in application mode.
 */
// oxlint-disable-next-line no-control-regex -- keys arrive as control sequences
const KEY = /\u001B\[[0-?]*[ -/]*[@-~]|\u001BO[@-~]|[\s\S]/gu;

const COMMANDS: ReadonlyMap<string, KeyCommand> = new Map([
  ["k", "up"],
  ["\u001B[A", "up"],
  ["\u001BOA", "up"],
  ["j", "down"],
  ["\u001B[B", "down"],
  ["\u001BOB", "down"],
  ["\u001B[5~", "page_up"],
  ["\u0015", "page_up"],
  ["\u001B[6~", "page_down"],
  [" ", "page_down"],
  ["\u0004", "page_down"],
  ["g", "first"],
  ["\u001B[H", "first"],
  ["\u001B[1~", "first"],
  ["G", "last"],
  ["\u001B[F", "last"],
  ["\u001B[4~", "last"],
  ["f", "follow"],
  ["\u0003", "interrupt"],
  ["\f", "repaint"],
]);

/** What the keys in a chunk ask for, in order; keys without a meaning are left out. Several may come at once (`jjf`). */
export function decodeKeys(chunk: string): KeyCommand[] {
  return [...chunk.matchAll(KEY)].flatMap(([key]) => COMMANDS.get(key) ?? []);
}
