import { expect, test } from "vitest";
import { readGateGraph } from "./read-gate-graph.ts";

const node = { id: "a", stage: "s" };
const job = {
  id: "a",
  stage: "s",
  needs: [],
  allowFailure: false,
  when: "on_success",
  commands: [],
  deciding: 0,
};

test.each([
  [
    { stages: ["s"], nodes: [] },
    { stages: ["s"], jobs: [] },
  ],
  [
    { stages: [], nodes: [node] },
    { stages: [], jobs: [job] },
  ],
  [
    { stages: ["s"], nodes: [{ ...node, needs: ["b"], allow_failure: true, when: "always", script: ["x"] }] },
    {
      stages: ["s"],
      jobs: [{ ...job, needs: ["b"], allowFailure: true, when: "always", commands: ["x"], deciding: 1 }],
    },
  ],
  [
    { stages: [], nodes: [{ ...node, gate: "needs" }] },
    { stages: [], jobs: [{ ...job, isUngated: true }] },
  ],
  [
    { stages: [], nodes: [{ ...node, before_script: ["b"], script: ["x", "y"], after_script: ["a"] }] },
    { stages: [], jobs: [{ ...job, commands: ["b", "x", "y", "a"], deciding: 3 }] },
  ],
  [
    { stages: [], nodes: [{ ...node, before_script: "b", script: ["x"], after_script: [7] }] },
    { stages: [], jobs: [{ ...job, commands: ["x"], deciding: 1 }] },
  ],
  [
    {
      stages: [],
      nodes: [
        {
          ...node,
          step_options: [
            { step: 1, withheld: true, allow_failure: false },
            { step: 2, allow_failure: true },
            { step: 3, allow_failure: { exit_codes: [3, "4"] } },
            { step: "4", withheld: true },
            7,
          ],
        },
      ],
    },
    {
      stages: [],
      jobs: [
        {
          ...job,
          withheld: new Set([1]),
          tolerated: new Map<number, unknown>([
            [2, true],
            [3, [3]],
          ]),
        },
      ],
    },
  ],
  [
    { stages: [], nodes: [{ ...node, step_options: { step: 1, withheld: true } }] },
    { stages: [], jobs: [job] },
  ],
  [
    { stages: ["s"], nodes: [{ ...node, needs: ["b", 7], allow_failure: "yes", when: 7, script: "x" }] },
    { stages: ["s"], jobs: [job] },
  ],
  [undefined, undefined],
  [[], undefined],
  [{ stages: ["s", 7], nodes: [] }, undefined],
  [{ stages: "s", nodes: [] }, undefined],
  [{ stages: ["s"], nodes: {} }, undefined],
  [{ stages: ["s"], nodes: [node, "a"] }, undefined],
  [{ stages: ["s"], nodes: [node, null] }, undefined],
  [{ stages: ["s"], nodes: [{ ...node, id: 7 }] }, undefined],
  [{ stages: ["s"], nodes: [{ ...node, stage: 7 }] }, undefined],
])("readGateGraph() reads %j", (value, graph) => {
  expect(readGateGraph(value)).toEqual(graph);
});
