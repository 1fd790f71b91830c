import { err, ok, type Result } from "@loom/core";
import type { ReadInclude } from "../include/read-include.ts";
import type { Draft } from "./draft.ts";
import { importGithub } from "./github/import-github.ts";
import { importGitlab } from "./gitlab/import-gitlab.ts";
import { ImportNotes, type ImportNote } from "./import-notes.ts";
import { pipelineKind, type PipelineKind } from "./pipeline-kind.ts";
import { MAX_VALUES, readTree } from "./read-tree.ts";
import { settleDraft } from "./settle-draft.ts";
import type { ForeignTree } from "./tree.ts";

/** A configuration of another system. */
export interface ImportSource {
  /** What notes call the file; nothing is read from it. */
  readonly path: string;
  readonly text: string;
  /**
   * Returns the text of a file that the configuration includes. The path is relative to the root of the repository, and
   * has no `..`. Absent: no include is carried over.
   */
  readonly readInclude?: ReadInclude | undefined;
}

/** A workflow made from it. */
export interface ImportedWorkflow {
  readonly kind: PipelineKind;
  /** The workflow. It compiles. */
  readonly text: string;
  /** Names of its jobs, templates left out, in the order of the file. */
  readonly jobs: readonly string[];
  /** All that was not carried over, or not as it was; by file, then by line. */
  readonly notes: readonly ImportNote[];
}

/** Why nothing was imported. `message` ends a sentence. */
export interface ImportRefusal {
  readonly code: "not_yaml" | "not_a_pipeline" | "too_large";
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/**
 * Turns a configuration of GitLab or of GitHub Actions into a workflow.
 *
 * Pure, and bounded in time and size whatever the text: anchors, references and
 * inheritance may grow to a limit only.
 */
export function importWorkflow(source: ImportSource): Result<ImportedWorkflow, ImportRefusal> {
  const { path, text, readInclude } = source;
  const budget = { left: MAX_VALUES };
  const read = readTree({ path, text }, budget);
  if (!read.ok) return err({ code: "not_yaml", ...read.error });
  const kind = pipelineKind(read.value);
  const whole = { file: path, line: 1 };
  if (read.value === undefined || kind === undefined) {
    const message = "it is neither a pipeline of GitLab nor a workflow of GitHub Actions";
    return err({ code: "not_a_pipeline", ...whole, message });
  }
  const notes = new ImportNotes();
  const made =
    kind === "gitlab" ? importGitlab(read.value, { budget, notes, readInclude }) : ok(fromGithub(read.value));
  const tooLarge = {
    code: "too_large",
    ...whole,
    message: "what it stands for is too large for a workflow",
  } as const;
  if (!made.ok) return err(tooLarge);
  const { draft, files } = made.value;
  const written = settleDraft(draft, notes, whole);
  if (written === undefined) return err(tooLarge);
  const jobs = [...draft.jobs.keys()].filter((name) => !name.startsWith("."));
  return ok({ kind, text: written, jobs, notes: notes.sorted(files) });

  function fromGithub(root: ForeignTree): { readonly draft: Draft; readonly files: readonly string[] } {
    const all = new Set([path]);
    const onFile = (file: string): void => void all.add(file);
    const made = importGithub(root, { budget, notes, readInclude, onFile, actions: new Map() });
    return { draft: made, files: [...all] };
  }
}
