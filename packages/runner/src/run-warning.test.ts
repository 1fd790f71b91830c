import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RUN_WARNINGS } from "./run-warning.ts";

test("the README names every warning as the table does", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| (.+?) +\|$/gmu)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(Object.fromEntries(rows)).toEqual(RUN_WARNINGS);
});
