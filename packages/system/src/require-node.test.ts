import { expect, test } from "vitest";
import { requireNode } from "./require-node.ts";

test("requireNode() throws on Bun, which says that it is Node as well", () => {
  expect(() => requireNode({ node: "24.3.0", bun: "1.4.5" })).toThrow(
    "Loom needs Node 22.18 or newer, and this is Bun 1.4.5",
  );
});

test("requireNode() takes the Node that it runs on", () => {
  expect(() => requireNode()).not.toThrow();
});
