import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { makeWorkFolder, removeLeftovers } from "./work-folder.ts";

const MINUTE_MS = 60_000;

/** Whether a work folder with a changed note is still there after a few minutes. */
function isLeft(change: (note: object) => string, minutes: number): boolean {
  const prefix = `${temporaryDirectory()}/work-`;
  const folder = makeWorkFolder(prefix);
  const note = join(folder, "owner.json");
  writeFileSync(note, change(JSON.parse(readFileSync(note, "utf8")) as object));
  removeLeftovers(prefix, Date.now() + minutes * MINUTE_MS);
  return existsSync(folder);
}

describe("removeLeftovers()", () => {
  test("removes at once what an ended process left, even when its pid is in use again", () => {
    expect(isLeft((note) => JSON.stringify({ ...note, started: "1" }), 0)).toBe(false);
  });

  test("leaves the folder of a running process alone for a day", () => {
    expect(isLeft((note) => JSON.stringify(note), 23 * 60)).toBe(true);
    expect(isLeft((note) => JSON.stringify(note), 25 * 60)).toBe(false);
  });

  test.each([
    ["of another machine", (note: object) => JSON.stringify({ ...note, host: "elsewhere" })],
    ["nobody noted", () => "{}"],
    ["whose note is cut off", () => '{"pid":'],
  ])("leaves the folder of a process %s alone for ten minutes", (_, change) => {
    expect(isLeft(change, 9)).toBe(true);
    expect(isLeft(change, 11)).toBe(false);
  });
});
