import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { errnoCode, systemErrorReason } from "@loom/system";

/** Where a workflow is, and the folder that it is about. */
export interface WorkflowLocation {
  /** Absolute. */
  readonly workflowPath: string;
  /** Absolute: the folder that holds `.loom`. */
  readonly repoRoot: string;
  /** The workflow itself, if a program passed it; then there is no such file. Absent: the file holds it. */
  readonly text?: string | undefined;
}

/** No workflow was found. Wrong use: exit code 2. */
export interface WorkflowNotFound {
  readonly code: "WORKFLOW_NOT_FOUND";
  readonly message: string;
}

/** What runs anywhere and is quickly made into something useful. */
const SMALLEST_WORKFLOW = `version: v1
stages: [test]
unit:
  stage: test
  script: [echo it works]`;

/** Default path of a workflow in its repository. */
export const WORKFLOW_PATH = ".loom/workflow.yml";

/**
 * Finds the workflow to run.
 *
 * Without a path: `.loom/workflow.yml` in the folder where the user stands or
 * the nearest one above it. With a path: that file; it is about the folder that
 * holds its `.loom`, or for a file elsewhere the repository (or folder) where
 * the user stands.
 *
 * @param path - Value of `--workflow`, relative to `cwd`.
 */
export function findWorkflow(cwd: string, path?: string): Result<WorkflowLocation, WorkflowNotFound> {
  if (path !== undefined) return locate(cwd, path);
  for (const folder of foldersUpward(cwd)) {
    const workflowPath = join(folder, WORKFLOW_PATH);
    const found = lookAt(workflowPath);
    if (!found.ok) {
      const advice = "Make that folder accessible, or name a file with --workflow";
      return notFound(`Cannot look for a workflow at "${workflowPath}": ${found.error}. ${advice}`);
    }
    if (found.value === "file") return ok({ workflowPath, repoRoot: folder });
  }
  const message = `Cannot find a workflow: there is no "${WORKFLOW_PATH}" in this folder or above it. Write one with loom init, or name a file with --workflow.\n\nA small one to begin with, for .loom/workflow.yml:\n\n${SMALLEST_WORKFLOW}`;
  return notFound(message);
}

function notFound(message: string): Result<never, WorkflowNotFound> {
  return err({ code: "WORKFLOW_NOT_FOUND", message });
}

/** Finds the workflow that options name: a path as for {@link findWorkflow}, or its text. */
export function locateWorkflow(
  cwd: string,
  workflow: string | { readonly text: string } | undefined,
): Result<WorkflowLocation, WorkflowNotFound> {
  return typeof workflow === "object" ? ok(placeWorkflow(cwd, workflow.text)) : findWorkflow(cwd, workflow);
}

/** Where a workflow given as text belongs: the user's repository (or folder). */
function placeWorkflow(cwd: string, text: string): WorkflowLocation {
  const repoRoot = findRepository(cwd) ?? cwd;
  return { workflowPath: join(repoRoot, TEXT_NAME), repoRoot, text };
}

/** What evidence and problems call a workflow that is not a file. */
const TEXT_NAME = "(workflow given as text)";

function locate(cwd: string, path: string): Result<WorkflowLocation, WorkflowNotFound> {
  const workflowPath = resolve(cwd, path);
  const found = lookAt(workflowPath);
  if (!found.ok) return notFound(`Cannot read workflow "${path}": ${found.error}`);
  if (found.value !== "file") {
    const why = found.value === "other" ? "it is not a file" : "there is no such file";
    return notFound(`Cannot read workflow "${path}": ${why}`);
  }
  for (const folder of foldersUpward(dirname(workflowPath))) {
    if (basename(folder) === ".loom") return ok({ workflowPath, repoRoot: dirname(folder) });
  }
  return ok({ workflowPath, repoRoot: findRepository(cwd) ?? cwd });
}

/** The nearest folder at or above `from` that is a git work tree, if there is one. */
export function findRepository(from: string): string | undefined {
  return foldersUpward(from).find((folder) => existsSync(join(folder, ".git")));
}

function foldersUpward(from: string): string[] {
  const folders = [from];
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) folders.push(dirname(folder));
  return folders;
}

/** What is at a path; or why that cannot be told, as a clause. */
function lookAt(path: string): Result<"file" | "other" | "nothing", string> {
  try {
    const facts = statSync(path, { throwIfNoEntry: false });
    return ok(facts === undefined ? "nothing" : facts.isFile() ? "file" : "other");
  } catch (cause) {
    if (errnoCode(cause) === undefined) throw cause;
    return err(systemErrorReason(cause));
  }
}
