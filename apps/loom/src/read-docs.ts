import { readFile } from "node:fs/promises";
import type { DocsPage } from "@loom/mcp";

/** What the build writes: the pages of the documentation, beside the program; run from its sources, those of the last build. */
const FILE = new URL(import.meta.url.endsWith(".ts") ? "../dist/docs.json" : "docs.json", import.meta.url);

/** The pages of the documentation. Throws when the program is not whole. */
export async function readDocs(): Promise<readonly DocsPage[]> {
  return JSON.parse(await readFile(FILE, "utf8")) as readonly DocsPage[];
}
