import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { DocsPage } from "@loom/mcp";
import { LOOM_VERSION } from "./loom-version.ts";

/** What the build of the part that serves them writes: see `apps/loom-mcp`. */
const FILE = `@loom/loom-mcp/dist/${LOOM_VERSION}/docs.json`;

/** The pages of the documentation. Throws when the part is not whole. */
export async function readDocs(): Promise<readonly DocsPage[]> {
  const path = fileURLToPath(import.meta.resolve(FILE));
  return JSON.parse(await readFile(path, "utf8")) as readonly DocsPage[];
}
