import { appendFileSync, lstatSync, realpathSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { findRepository, findWorkflow, WORKFLOW_PATH } from "@loom/runner/workflow";
import { EXIT_CODE } from "../exit-code.ts";
import { withAgentsSection } from "../init/agents-section.ts";
import { composeStarter, type StarterWorkflow } from "../init/compose-starter.ts";
import { findEcosystems } from "../init/ecosystems.ts";
import { projectFiles } from "../init/project-files.ts";
import type { ProcessIo } from "../process-io.ts";
import { notWritten, writeWorkflow, type NotWritten } from "../write-workflow.ts";

/** The flags of `loom init`. */
export interface InitFlags {
  /** Writes the workflow to stdout, and nothing to disk. */
  readonly print?: boolean;
  /** Tells coding agents about it in AGENTS.md. A workflow that is there stays as it is. */
  readonly agents?: boolean;
}

/**
 * Writes a starter workflow, fitted to what lies at the root of the repository, or where the user stands outside of one.
 *
 * @returns 0; 1 when it cannot be written; 2 where there is one already.
 */
export function initCommand(flags: InitFlags, { cwd, stdout, stderr }: ProcessIo): number {
  const root = findRepository(cwd) ?? cwd;
  const found = findEcosystems(projectFiles(root));
  const starter = composeStarter(found);
  if (flags.print === true) {
    stdout.write(starter.text);
    return EXIT_CODE.success;
  }
  const shown = (path: string): string => relative(cwd, path) || ".";
  const looked = workflowOf(root, cwd, shown);
  if (!looked.ok) return refuse(looked.error);
  const existing = looked.value;
  const lines: string[] = [];
  if (existing === undefined || flags.agents !== true) {
    const written =
      existing === undefined ? writeStarter(root, starter, shown) : alreadyThere(shown(existing));
    if (!written.ok) return refuse(written.error);
    lines.push(
      `found  ${found.length > 0 ? found.map((each) => each.found).join("; ") : "nothing to make jobs from"}`,
      `wrote  ${shown(written.value)}: ${starter.jobs.length === 1 ? "job" : "jobs"} ${starter.jobs.join(", ")}`,
    );
  } else lines.push(`kept   ${shown(existing)}`);
  if (flags.agents === true) {
    const told = tellAgents(root, shown);
    if (!told.ok) {
      stdout.write(`${lines.join("\n")}\n`);
      return refuse(told.error);
    }
    lines.push(told.value);
  }
  lines.push("next   loom run");
  stdout.write(`${lines.join("\n")}\n`);
  return EXIT_CODE.success;

  function refuse({ message, exitCode }: NotWritten): number {
    stderr.write(`loom: ${message}\n`);
    return exitCode;
  }
}

/** The workflow that `loom run` would take from here, if it is of this repository. */
function workflowOf(
  root: string,
  cwd: string,
  shown: (path: string) => string,
): Result<string | undefined, NotWritten> {
  const place = join(root, WORKFLOW_PATH);
  try {
    // A link that leads nowhere is there, too.
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) return ok(place);
    const nearest = findWorkflow(cwd);
    const isOwn = nearest.ok && nearest.value.workflowPath.startsWith(root === sep ? root : root + sep);
    return ok(isOwn ? nearest.value.workflowPath : undefined);
  } catch (cause) {
    return err(notWritten(shown(place), cause));
  }
}

function alreadyThere(path: string): Result<never, NotWritten> {
  const message = `Cannot write "${path}": it is there already. Change it, or see a new one with loom init --print`;
  return err({ exitCode: EXIT_CODE.usage, message });
}

function writeStarter(
  root: string,
  { text }: StarterWorkflow,
  shown: (path: string) => string,
): Result<string, NotWritten> {
  const path = join(root, WORKFLOW_PATH);
  const written = writeWorkflow(path, text, { shown });
  if (!written.ok) return written;
  return written.value === "taken" ? alreadyThere(shown(path)) : ok(path);
}

function tellAgents(root: string, shown: (path: string) => string): Result<string, NotWritten> {
  const path = join(root, "AGENTS.md");
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
      const isInside = realpathSync(path).startsWith(realpathSync(root) + sep);
      if (!isInside || !statSync(path).isFile()) {
        const message = `Cannot write "${shown(path)}": it is not a file of this repository. Move it away`;
        return err({ exitCode: EXIT_CODE.usage, message });
      }
    }
    const before = lstatSync(path, { throwIfNoEntry: false }) === undefined ? "" : readFileSync(path, "utf8");
    const after = withAgentsSection(before);
    if (!after.ok) {
      const message = `Cannot write "${shown(path)}": ${after.error}`;
      return err({ exitCode: EXIT_CODE.failure, message });
    }
    if (after.value === before) return ok(`kept   ${shown(path)}: it has the section already`);
    // The file stays the same one: it may be a link, and has rights of its own.
    if (after.value.startsWith(before)) appendFileSync(path, after.value.slice(before.length));
    else writeFileSync(path, after.value);
    return ok(`wrote  ${shown(path)}: a section about Loom`);
  } catch (cause) {
    return err(notWritten(shown(path), cause));
  }
}
