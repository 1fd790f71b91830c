import { expect, test } from "vitest";
import { unreachable } from "./unreachable.ts";

test("unreachable() names the value that there was no case for", () => {
  expect(() => unreachable({ kind: "new" } as never)).toThrow(new Error('Unreachable case: {"kind":"new"}'));
});
