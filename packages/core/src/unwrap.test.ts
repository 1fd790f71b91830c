import { expect, expectTypeOf, test } from "vitest";
import { err, ok, type Result } from "./result.ts";
import { LoomError, unwrap } from "./unwrap.ts";

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("unwrap() gives the value of an answer that worked", () => {
  const result: Result<number, { readonly code: "GONE"; readonly message: string }> = ok(7);
  expect(unwrap(result)).toBe(7);
  expectTypeOf(unwrap(result)).toEqualTypeOf<number>();
});

test("unwrap() throws a failure with its code and path, and itself as the cause", () => {
  const failure = { code: "GONE", message: "It is gone", path: "a/b" };
  const error = thrownBy(() => unwrap(err(failure)));
  expect(error).toBeInstanceOf(LoomError);
  expect(error).toMatchObject({ name: "LoomError", message: "It is gone", code: "GONE", path: "a/b" });
  expect((error as LoomError).cause).toBe(failure);
});

test("unwrap() makes up no path", () => {
  expect(thrownBy(() => unwrap(err({ code: "GONE", message: "It is gone" })))).not.toHaveProperty("path");
  const vague = { code: "GONE", message: "It is gone", path: undefined };
  expect(thrownBy(() => unwrap(err(vague)))).not.toHaveProperty("path");
});

test("unwrap() tells all of several failures, and has the code of the first", () => {
  const failures = [
    { code: "ONE", message: "First", path: "/a" },
    { code: "TWO", message: "Second" },
  ];
  const error = thrownBy(() => unwrap(err(failures)));
  expect(error).toMatchObject({ message: "First\nSecond", code: "ONE", path: "/a", cause: failures });
  expect(new LoomError([])).toMatchObject({ code: "unknown", message: "" });
});
