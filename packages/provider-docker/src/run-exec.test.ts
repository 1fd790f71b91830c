import { expect, test } from "vitest";
import { readList } from "./processes/scripts.ts";
import { endOf } from "./run-exec.ts";

test.each([
  [0, { kind: "exited", exitCode: 0 }],
  [127, { kind: "exited", exitCode: 127 }],
  [128, { kind: "exited", exitCode: 128 }],
  [130, { kind: "signaled", signal: "SIGINT" }],
  [134, { kind: "signaled", signal: "SIGABRT" }],
  [137, { kind: "signaled", signal: "SIGKILL" }],
  [143, { kind: "signaled", signal: "SIGTERM" }],
  [255, { kind: "exited", exitCode: 255 }],
])("endOf() takes exit code %i for what an engine means by it", (exitCode, end) => {
  expect(endOf(exitCode)).toEqual(end);
});

test("readList() reads numbers and commands, and nothing else", () => {
  expect(readList("12\tsleep 1000\n7\ta\tb\nno number\n13\t\n")).toEqual([
    { pid: 12, command: "sleep 1000" },
    { pid: 7, command: "a\tb" },
    { pid: 13, command: "" },
  ]);
});
