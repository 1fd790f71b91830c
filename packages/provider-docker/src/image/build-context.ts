import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * What of a build's context the engine gets: all of it or, with a `.dockerignore`, the files that it does not leave out. The
 * Dockerfile is always among them. Paths relative to the context.
 */
export async function contextEntries(context: string, dockerfile: string): Promise<string[]> {
  const rules = join(context, ".dockerignore");
  if (!existsSync(rules)) return ["."];
  const { default: DockerIgnore } = await import("@balena/dockerignore");
  const isTaken = DockerIgnore.default({ ignorecase: false }).add(readFileSync(rules, "utf8")).createFilter();
  const files = readdirSync(context, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(context, join(entry.parentPath, entry.name)));
  return files.filter((path) => path === dockerfile || isTaken(path));
}
