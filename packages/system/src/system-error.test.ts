import { spawnSync } from "node:child_process";
import { copyFileSync, openSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  errnoCode,
  isAbsent,
  systemErrorKind,
  systemErrorOf,
  systemErrorPath,
  systemErrorReason,
} from "./system-error.ts";

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
    expect(errnoCode(thrownBy(() => gunzipSync("no archive")))).toBeUndefined();
  });
});

describe("a path with a NUL byte", () => {
  test.each([
    ["read", () => readFileSync("a\0b")],
    ["listed", () => readdirSync("a\0b")],
    ["opened", () => openSync("a\0b", "r")],
    ["stated", () => statSync("a\0b")],
  ])("is not there when it is %s", (_how, work) => {
    const thrown = thrownBy(work);
    expect(errnoCode(thrown)).toBe("ENOENT");
    expect(isAbsent(thrown)).toBe(true);
    expect(systemErrorReason(systemErrorOf(thrown))).toBe("no such file or directory (ENOENT)");
  });
});

test("an argument of a program with a NUL byte is no missing file", () => {
  expect(errnoCode(thrownBy(() => spawnSync("true", ["a\0b"])))).toBeUndefined();
});

describe("systemErrorOf()", () => {
  test("gives the system's error, and throws what is none on", () => {
    const error = thrownBy(() => readFileSync("/nowhere"));
    expect(systemErrorOf(error)).toBe(error);
    const bug = new TypeError("x is not a function");
    expect(thrownBy(() => systemErrorOf(bug))).toBe(bug);
  });
});

describe("systemErrorPath()", () => {
  test("names where a copy comes from, and where it goes when the disk is full", () => {
    const copied = systemErrorOf(thrownBy(() => copyFileSync("/nowhere", "/tmp/there")));
    expect(systemErrorPath(copied)).toBe("/nowhere");
    expect(systemErrorPath({ ...copied, code: "ENOSPC" })).toBe("/tmp/there");
    expect(systemErrorPath({ ...copied, path: Buffer.from("/é") })).toBe("/é");
    expect(systemErrorPath(systemErrorOf(thrownBy(() => writeFileSync("/dev/full", "x"))))).toBeUndefined();
  });
});

test("isAbsent() and systemErrorKind() tell what is missing, full and forbidden", () => {
  expect(isAbsent(thrownBy(() => readFileSync("/nowhere")))).toBe(true);
  expect(isAbsent(thrownBy(() => readFileSync("/dev/null/x")))).toBe(true);
  expect(isAbsent(thrownBy(() => readFileSync("/")))).toBe(false);
  expect(systemErrorKind(systemErrorOf(thrownBy(() => writeFileSync("/dev/full", "x"))))).toBe("full");
  const forbidden = Object.assign(new Error("x"), { code: "EROFS" });
  expect(systemErrorKind(systemErrorOf(forbidden))).toBe("forbidden");
  expect(systemErrorKind(systemErrorOf(thrownBy(() => readFileSync("/nowhere"))))).toBe("other");
});
