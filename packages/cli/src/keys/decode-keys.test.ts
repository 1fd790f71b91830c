import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyDecoder, type KeyEvent } from "./decode-keys.ts";

function keysOf(...chunks: (string | Uint8Array)[]): (string | KeyEvent)[] {
  const decoder = new KeyDecoder();
  const events = chunks.flatMap((chunk) => decoder.push(chunk));
  return [...events, ...decoder.flush()].map((event) => (event.kind === "key" ? event.key : event));
}

describe("KeyDecoder", () => {
  test.each<[string, (string | KeyEvent)[]]>([
    ["jjf", ["j", "j", "f"]],
    ["\u001B[B\u001B[Bk", ["down", "down", "k"]],
    [
      "\u001BOA\u001B[5~\u001B[6~\u001B[H\u001B[F\u001B[1~\u001B[4~",
      ["up", "pageup", "pagedown", "home", "end", "home", "end"],
    ],
    ["\u001B[1;5A\u001B[5;2~", ["up", "pageup"]],
    ["\u0003\u0004\u0015\f\u001A", ["ctrl-c", "ctrl-d", "ctrl-u", "ctrl-l", "ctrl-z"]],
    ["\r\t\u007F \u001B[Z", ["enter", "tab", "backspace", "space", "shift-tab"]],
    ["\u001B", ["escape"]],
    ["\u001B[I\u001B[?62;4c\u001B[12;3R", []],
    ["\u001B[200~a\nb\u0003\u001B[A\u001B[201~q", [{ kind: "paste", text: "a\nb\u0003\u001B[A" }, "q"]],
    [
      "\u001B[<64;10;5M\u001B[<65;1;1M",
      [
        { kind: "mouse", what: "wheel_up", x: 9, y: 4 },
        { kind: "mouse", what: "wheel_down", x: 0, y: 0 },
      ],
    ],
    ["\u001B[<0;3;4M\u001B[<0;3;4m\u001B[<2;3;4M", [{ kind: "mouse", what: "press", x: 2, y: 3 }]],
    ["é世👩", ["é", "世", "👩"]],
  ])("decodes %j", (chunk, keys) => {
    expect(keysOf(chunk)).toEqual(keys);
  });

  test("decodes the same keys however the bytes are split", () => {
    const part = fc.constantFrom(
      "j",
      "\u001B[B",
      "\u001BOC",
      "世",
      "\u001B[200~paste \u001B[Ax\u001B[201~",
      "\u0003",
      "\u001B[<64;1;1M",
      "\u001B[5~",
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 12 }),
        (parts, cuts) => {
          const bytes = new TextEncoder().encode(parts.join(""));
          const places = [
            0,
            ...cuts.filter((cut) => cut <= bytes.length).sort((a, b) => a - b),
            bytes.length,
          ];
          const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
          expect(keysOf(...chunks)).toEqual(keysOf(bytes));
        },
      ),
    );
  });
});
