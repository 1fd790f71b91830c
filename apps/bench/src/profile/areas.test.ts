import { expect, test } from "vitest";
import { areaOf, areasOf, sharesOf } from "./areas.ts";

test.each([
  ["spawn", "node:internal/child_process", "starting processes"],
  ["emit", "node:events", "Node's own JavaScript"],
  ["load", "node:internal/modules/esm/loader", undefined],
  ["(garbage collector)", "", "garbage collection"],
  ["mkdir", "", "opening files and folders"],
  ["x", "file:///loom/packages/phase-validator/src/x.ts", "validation"],
  ["x", "file:///loom/packages/diagnosis/src/x.ts", "other parts of Loom"],
  ["x", "file:///loom/node_modules/.pnpm/yaml@2.0.0/node_modules/yaml/dist/x.js", "reading the workflow"],
])("areaOf() knows %s of %j", (functionName, url, area) => {
  expect(areaOf({ functionName, url })).toBe(area);
});

test("areasOf() has none for what the loading of modules calls, except for the modules", () => {
  const nodes = [
    ["load", "node:internal/modules/esm/loader", [2, 3]],
    ["read", "", []],
    ["module", "file:///loom/packages/core/src/x.ts", [4]],
    ["mkdir", "", []],
  ] as const;
  const areas = areasOf(
    nodes.map(([functionName, url, children], index) => ({
      id: index + 1,
      callFrame: { functionName, url },
      children,
    })),
  );
  expect([...areas.values()]).toEqual([
    undefined,
    undefined,
    "engine, machine and schedule",
    "opening files and folders",
  ]);
});

test("sharesOf() sums the time that each area has of its own", () => {
  const nodes = ["(idle)", "mkdir", "open"].map((functionName, id) => ({
    id,
    callFrame: { functionName, url: "" },
  }));
  expect(sharesOf({ nodes, samples: [0, 1, 2], timeDeltas: [20, 40, 40] })).toEqual([
    ["opening files and folders", 0.8],
    ["waiting", 0.2],
  ]);
});
