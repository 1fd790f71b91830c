import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "@loom/core";
import {
  compileWorkflow,
  type CompiledWorkflow,
  type ReadInclude,
  type WorkflowProblem,
} from "../src/index.ts";

/** The folder of the recorded workflows. */
export const FIXTURES: string = join(import.meta.dirname, "fixtures");

const TEMPLATES = ".loom/templates/";

/** The recorded workflows, as paths below {@link FIXTURES}, sorted. */
export const fixtureNames: readonly string[] = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yml") && !name.includes(".templates"))
  .sort();

/** The text of a recorded workflow. */
export function fixtureText(fixture: string): string {
  return readFileSync(join(FIXTURES, fixture), "utf8");
}

/** Compiles a recorded workflow. Its included files lie in the folder `name.templates`. */
export function compileFixture(fixture: string): Result<CompiledWorkflow, readonly WorkflowProblem[]> {
  const folder = fixture.replace(/\.yml$/, ".templates");
  const readInclude: ReadInclude = (path) => {
    const file = join(FIXTURES, folder, path.slice(TEMPLATES.length));
    return existsSync(file) ? ok(readFileSync(file, "utf8")) : err({ code: "not_found" });
  };
  return compileWorkflow({ path: ".loom/workflow.yml", text: fixtureText(fixture), readInclude });
}
