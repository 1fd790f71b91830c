// Writes the pages of a folder as JSON, by sections: for who has the program, and not this repository.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sectionsOf } from "./citations.mjs";

const [folder, out] = process.argv.slice(2);
const pages = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .toSorted()
  .map((name) => ({
    name: name.slice(0, -".md".length),
    sections: sectionsOf(readFileSync(join(folder, name), "utf8")),
  }));
writeFileSync(out, `${JSON.stringify(pages)}\n`);
