import { expect, test } from "vitest";
import { decodeKeys } from "./keys.ts";

test.each([
  ["jjf", ["down", "down", "follow"]],
  ["\u001B[A\u001B[Bk", ["up", "down", "up"]],
  ["\u001BOA\u001B[5~\u001B[6~", ["up", "page_up", "page_down"]],
  ["\u0004\u0015", ["page_down", "page_up"]],
  ["gG\u001B[H\u001B[F", ["first", "last", "first", "last"]],
  ["\u0003\u0003\f", ["interrupt", "interrupt", "repaint"]],
  ["\u001B[<64;10;5Mxyz\u001B[200~?", []],
  ["\u001B", []],
  ["", []],
])("decodeKeys(%j) is %j", (chunk, commands) => {
  expect(decodeKeys(chunk)).toEqual(commands);
});
