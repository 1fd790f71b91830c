import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KEY_MAP } from "../src/keys/key-map.ts";

/** The rows of a Markdown table, without the padding of a formatter. */
function cells(table: string): string[] {
  return table
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replaceAll(/\s+/g, " ").replaceAll(/-{3,}/g, "---"));
}

test("docs/terminal.md lists the key map, row by row", () => {
  const page = readFileSync(new URL("../../../docs/terminal.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("## Keys\n");
  const table = cells(section.split("\n## ")[0] ?? "");
  const expected = KEY_MAP.map(
    (row) =>
      `| ${(row.shown ?? row.keys.join(" "))
        .split(" ")
        .map((key) => `\`${key}\``)
        .join(
          " ",
        )} | ${row.help.charAt(0).toUpperCase() + row.help.slice(1)} | ${row.where?.join(", ") ?? "everywhere"} | \`${row.command}\` |`,
  );
  expect(table.slice(2)).toEqual(expected);
});
