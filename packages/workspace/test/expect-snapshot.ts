import { expect } from "vitest";
import type { Workspace } from "../src/workspace.ts";
import type { Checkout } from "./checkout.ts";
import { actualTree, expectedTree } from "./visible-tree.ts";

/** Makes a workspace, and compares its files and `git status` with the checkout's. */
export async function expectSnapshot(checkout: Checkout): Promise<Workspace> {
  const workspace = await checkout.snapshot();
  expect(actualTree(workspace.root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
  expect(checkout.status(workspace.root)).toStrictEqual(checkout.status());
  return workspace;
}
