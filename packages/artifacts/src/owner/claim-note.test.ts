import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { placeNote, removeStaleNote } from "./claim-note.ts";

describe("placeNote()", () => {
  test("places it where none is, and only there", () => {
    const path = join(temporaryDirectory(), "run.json");
    expect([placeNote(path, "mine"), placeNote(path, "another's")]).toEqual([true, false]);
    expect(readFileSync(path, "utf8")).toBe("mine");
  });

  test("gives up where what it writes is taken away meanwhile", () => {
    expect(placeNote(join(temporaryDirectory(), "nowhere/run.json"), "mine")).toBe(false);
  });

  test("throws what else the disk refuses", () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    expect(() => placeNote(join(file, "run.json"), "mine")).toThrow("ENOTDIR");
  });
});

describe("removeStaleNote()", () => {
  test("removes the note that was seen", () => {
    const directory = temporaryDirectory();
    const path = join(directory, "run.json");
    writeFileSync(path, "of a dead process");
    removeStaleNote(path, "of a dead process");
    expect(readdirSync(directory)).toEqual([]);
  });

  test("leaves a note that another process has placed since", () => {
    const directory = temporaryDirectory();
    const path = join(directory, "run.json");
    writeFileSync(path, "of a live process");
    removeStaleNote(path, "of a dead process");
    expect([readdirSync(directory), readFileSync(path, "utf8")]).toEqual([["run.json"], "of a live process"]);
  });

  test("is content where another process was faster", () => {
    const path = join(temporaryDirectory(), "run.json");
    removeStaleNote(path, "of a dead process");
    expect(existsSync(path)).toBe(false);
  });

  test("throws what else the disk refuses", () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    expect(() => removeStaleNote(join(file, "run.json"), "")).toThrow("ENOTDIR");
  });
});
