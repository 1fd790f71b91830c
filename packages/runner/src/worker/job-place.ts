import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type EventError, type Result, type RunId } from "@loom/core";
import type { Provider, RunProvider } from "@loom/ports";
import { errnoCode, systemErrorReason, type Environment } from "@loom/system";
import { removeTree } from "@loom/workspace";
import { jobNotesPath } from "./worker-home.ts";

/** Where one job at a time works that came from elsewhere, and the provider that is open for it alone. */
export class JobPlace {
  /** What providers know it by: closing what one job has must not end another of its run. */
  readonly id: RunId;
  /** Absolute. */
  readonly workspace: string;
  readonly #folder: string;
  readonly #env: Environment;
  #opened: RunProvider | undefined;

  /** @param folder - Absolute. Nobody else has it. */
  constructor(id: RunId, folder: string, env: Environment) {
    this.id = id;
    this.workspace = join(folder, "workspace");
    this.#folder = folder;
    this.#env = env;
  }

  /** Makes room for a job. What an earlier one left is removed. */
  make(): Result<undefined, EventError> {
    try {
      rmSync(this.workspace, { recursive: true, force: true });
      mkdirSync(this.workspace, { recursive: true });
      return ok(undefined);
    } catch (cause) {
      const code = errnoCode(cause) === "ENOSPC" ? "WORKSPACE_NO_SPACE" : "transfer_failed";
      return err({ code, message: `The worker has no folder for the job: ${systemErrorReason(cause)}` });
    }
  }

  /** The provider, open: once for all jobs that follow each other here. */
  open(provider: Provider): RunProvider {
    const notesPath = jobNotesPath(this.#folder, provider.name);
    this.#opened ??= provider.open({ runId: this.id, env: this.#env, notesPath });
    return this.#opened;
  }

  /** Nothing of a job runs any more, and another one may come. */
  async clear(): Promise<void> {
    await removeTree(this.workspace);
  }

  /** No job comes any more. */
  async remove(): Promise<void> {
    await this.#opened?.close({ log: () => undefined });
    await removeTree(this.#folder);
  }
}
