import { expect, test } from "vitest";
import { areaOf, sharesOf } from "./areas.ts";

test.each([
  ["spawn", "node:internal/child_process", "starting processes"],
  ["emit", "node:events", "Node's own JavaScript"],
  ["(garbage collector)", "", "garbage collection"],
  ["mkdir", "", "opening files and folders"],
  ["x", "file:///dist/chunk.js", "validation"],
  ["x", "file:///dist/other.js", "other parts of Loom"],
])("areaOf() knows %s of %j", (functionName, url, area) => {
  const textOf = (file: string): string =>
    file.endsWith("chunk.js") ? "No stream of a run has this path" : "";
  expect(areaOf({ functionName, url }, textOf)).toBe(area);
});

test("sharesOf() sums the time that each area has of its own", () => {
  const nodes = ["(idle)", "mkdir", "open"].map((functionName, id) => ({
    id,
    callFrame: { functionName, url: "" },
  }));
  expect(sharesOf({ nodes, samples: [0, 1, 2], timeDeltas: [20, 40, 40] }, () => "")).toEqual([
    ["opening files and folders", 0.8],
    ["waiting", 0.2],
  ]);
});
