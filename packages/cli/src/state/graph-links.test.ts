import { graphNode, graphOf } from "@loom/testkit";
import { expect, test } from "vitest";
import { graphLinks } from "./graph-links.ts";

test("graphLinks() puts a job right of what it needs, in whatever order they are declared", () => {
  const links = graphLinks(
    graphOf([graphNode("late", "s", { needs: ["early"] }), graphNode("early", "s"), graphNode("next", "t")]),
  );
  expect(links.columns).toEqual([["early"], ["late"], ["next"]]);
  expect(links.stages).toEqual(["s", "", "t"]);
});
