import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { inheritableEnvironment } from "./inheritable-environment.ts";

describe("inheritableEnvironment()", () => {
  test("leaves out every variable by which this git ties a process to a repository", () => {
    const names = execFileSync("git", ["rev-parse", "--local-env-vars"], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(names.length).toBeGreaterThan(10);
    const env = Object.fromEntries(names.map((name) => [name, "/elsewhere"]));
    expect(inheritableEnvironment({ ...env, PATH: "/bin", GIT_AUTHOR_NAME: "a" })).toEqual({
      PATH: "/bin",
      GIT_AUTHOR_NAME: "a",
    });
  });

  test("leaves out what a make hands to those below it, and keeps what the user set", () => {
    const env = {
      MAKEFLAGS: "-j4 -- CFLAGS=-O0",
      MFLAGS: "-j4",
      MAKELEVEL: "1",
      MAKEOVERRIDES: "x",
      MAKE: "make",
    };
    expect(inheritableEnvironment({ ...env, CFLAGS: "-O0" })).toEqual({ MAKE: "make", CFLAGS: "-O0" });
  });
});
