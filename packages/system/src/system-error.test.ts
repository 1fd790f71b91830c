import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errnoCode, systemErrorReason } from "./system-error.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("systemErrorReason()", () => {
  test("says what the system said, in words, with its code", () => {
    expect(systemErrorReason(thrownBy(() => readFileSync("/nowhere/at/all")))).toBe(
      "no such file or directory (ENOENT)",
    );
    expect(systemErrorReason(thrownBy(() => writeFileSync("/dev/full", "x")))).toBe(
      "no space left on device (ENOSPC)",
    );
  });

  test("names a code that it has no words for, and passes anything else on", () => {
    expect(systemErrorReason(Object.assign(new Error("x"), { code: "EL2HLT" }))).toBe("EL2HLT");
    expect(systemErrorReason(new Error("something else"))).toBe("something else");
    expect(systemErrorReason("text")).toBe("text");
  });
});

describe("errnoCode()", () => {
  test("knows system errors only", () => {
    expect(errnoCode(thrownBy(() => readFileSync("/nowhere")))).toBe("ENOENT");
    expect(errnoCode(Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" }))).toBeUndefined();
    expect(errnoCode(new Error("x"))).toBeUndefined();
    expect(errnoCode(undefined)).toBeUndefined();
  });
});
