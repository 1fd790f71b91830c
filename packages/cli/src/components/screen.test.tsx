import { PassThrough } from "node:stream";
import { render } from "ink";
import { expect, test } from "vitest";
import { FrameSink } from "../terminal/frame-sink.ts";
import { Screen } from "./screen.tsx";

test("Screen draws finished rows in their places, later ones over earlier ones, with one write per commit", () => {
  const frames: string[][] = [];
  const sink = new FrameSink({ columns: 20, rows: 5 }, (rows) => frames.push([...rows]));
  const screen = (text: string) => (
    <Screen
      size={{ columns: 20, rows: 5 }}
      parts={[
        {
          name: "a",
          label: "a",
          rect: { x: 0, y: 0, width: 20, height: 5 },
          rows: ["\u001B[31mred\u001B[0m", "second", "", "wide 世界", "x".repeat(20)],
        },
        { name: "b", label: "b", rect: { x: 4, y: 1, width: 6, height: 2 }, rows: ["over  ", text] },
      ]}
    />
  );
  const ink = render(screen("one"), {
    stdout: sink as unknown as NodeJS.WriteStream,
    stderr: sink as unknown as NodeJS.WriteStream,
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    debug: true,
    interactive: false,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  ink.rerender(screen("two"));
  ink.rerender(screen("two"));
  ink.unmount();
  expect(frames.slice(0, 2)).toEqual([
    ["\u001B[31mred\u001B[39m", "secoover", "    one", "wide 世界", "x".repeat(20)],
    ["\u001B[31mred\u001B[39m", "secoover", "    two", "wide 世界", "x".repeat(20)],
  ]);
});
