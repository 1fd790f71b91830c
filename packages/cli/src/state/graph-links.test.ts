import { graphNode, graphOf } from "@loom/testkit";
import { expect, test } from "vitest";
import { graphLinks } from "./graph-links.ts";

test("graphLinks() places a job right of its needs, in whatever order they are declared", () => {
  const links = graphLinks(
    graphOf([graphNode("late", "s", { needs: ["early"] }), graphNode("early", "s"), graphNode("next", "t")]),
  );
  expect(links.columns).toEqual([["early"], ["late"], ["next"]]);
  expect(links.stages).toEqual(["s", "", "t"]);
});

test("graphLinks() orders the jobs of a column so that edges do not cross needlessly", () => {
  const links = graphLinks(
    graphOf([
      graphNode("a1", "a"),
      graphNode("a2", "a"),
      graphNode("a3", "a"),
      graphNode("b1", "b", { needs: ["a3"] }),
      graphNode("b2", "b", { needs: ["a1"] }),
      graphNode("b3", "b", { needs: ["a1", "a2"] }),
      graphNode("c1", "c", { needs: ["b3"] }),
      graphNode("c2", "c", { needs: ["b1"] }),
      graphNode("c3", "c", { needs: ["b2"] }),
    ]),
  );
  expect(links.columns).toEqual([
    ["a1", "a2", "a3"],
    ["b2", "b3", "b1"],
    ["c3", "c1", "c2"],
  ]);
});
