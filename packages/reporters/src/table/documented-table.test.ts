import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REPORTERS } from "./reporter-table.ts";

test("docs/terminal.md has the table of reporters, row by row", () => {
  const page = readFileSync(new URL("../../../../docs/terminal.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("## Reporters\n");
  const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("|"));
  const shown = rows.slice(2).map((line) => line.replaceAll(/\s+/g, " "));
  const flagOf = (row: (typeof REPORTERS)[number]): string =>
    ("flag" in row ? row.flag : "").replaceAll(/-[\w-]+/g, "`$&`");
  expect(shown).toEqual(
    REPORTERS.map((row) => `| \`${row.name}\` | ${flagOf(row)} | ${row.help} |`.replaceAll(/\s+/g, " ")),
  );
});
