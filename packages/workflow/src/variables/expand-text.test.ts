import { expect, test } from "vitest";
import { expandText } from "./expand-text.ts";

test.each([
  ["node:$NODE", "node:24"],
  ["${REGISTRY}/app:${NODE}-slim", "r.example/app:24-slim"],
  ["$EMPTY", ""],
  ["$$NODE costs $5", "$NODE costs $5"],
  ["$NODES and $toString", "$NODES and $toString"],
  ["plain", "plain"],
])("expandText() makes %s %s", (text, expanded) => {
  expect(expandText(text, { NODE: "24", REGISTRY: "r.example", EMPTY: "" })).toBe(expanded);
});
