import { existsSync } from "node:fs";
import { join } from "node:path";
import { openRun, type RunReader } from "@loom/artifacts";
import type { JobId } from "@loom/core";
import { explainRun, type ChangesOptions } from "@loom/diagnosis";
import {
  jobManifestPath,
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
} from "@loom/record";
import { unitEventsPath } from "@loom/reporters/view";
import type { Scene } from "../state/scene.ts";
import type { EvidenceFile, ShownFailure } from "../state/shown-failure.ts";
import type { VisibleRun } from "./visible-run.ts";

/** Explains the visible failure with the same analysis as `loom explain`, once for each. */
export class FailureReader {
  readonly #changes: (run: RunReader) => Promise<ChangesOptions | undefined>;
  #failure: ShownFailure | undefined;
  #asked = "";

  /** @param changes - Returns where earlier runs are, and access to the commits between. */
  constructor(changes: (run: RunReader) => Promise<ChangesOptions | undefined>) {
    this.#changes = changes;
  }

  /** The failure that was read last; `undefined` until one is read. */
  get failure(): ShownFailure | undefined {
    return this.#failure;
  }

  /** Has the failure read again, as more evidence may exist by now. The old explanation stays until then. */
  refresh(): void {
    this.#asked = "";
  }

  /** Drops the failure, because another run is visible. */
  forget(): void {
    this.#asked = "";
    this.#failure = undefined;
  }

  /** Reads the visible failure, unless it was read before. @param onChange - Called when it has been read. */
  ask({ job, state, world }: Scene, { directory, receiptPath }: VisibleRun, onChange: () => void): void {
    if (state.view !== "failures" || job?.status !== "failed" || directory === undefined) return;
    const asked = `${directory} ${job.jobId} ${String(world.finished)}`;
    if (this.#asked === asked) return;
    this.#asked = asked;
    const eventsPath = unitEventsPath(job.jobId, job.failure.unit);
    void this.#read(job.jobId, { directory, receiptPath, eventsPath }).then((failure) => {
      if (this.#asked !== asked || failure === undefined) return;
      this.#failure = failure;
      onChange();
    });
  }

  async #read(
    jobId: JobId,
    place: {
      readonly directory: string;
      readonly receiptPath: string | undefined;
      readonly eventsPath: string;
    },
  ): Promise<ShownFailure | undefined> {
    const run = await openRun(place.directory);
    if (!run.ok) return undefined;
    const explained = await explainRun(run.value, {
      jobId,
      isAlive: true,
      changes: await this.#changes(run.value),
    });
    return explained.ok ? { jobId, explanation: explained.value, files: filesOf(jobId, place) } : undefined;
  }
}

function filesOf(
  jobId: JobId,
  {
    directory,
    receiptPath,
    eventsPath,
  }: {
    readonly directory: string;
    readonly receiptPath: string | undefined;
    readonly eventsPath: string;
  },
): readonly EvidenceFile[] {
  const inside = (word: string, name: string): EvidenceFile => file(word, name, join(directory, name));
  return [
    ...(receiptPath === undefined ? [] : [file("receipt", "receipt", receiptPath)]),
    inside("summary", PIPELINE_SUMMARY_PATH),
    inside("manifest", PIPELINE_MANIFEST_PATH),
    inside("job", jobManifestPath(jobId)),
    inside("events", eventsPath),
    inside("report", PHASE_REPORT_PATH),
  ];
}

function file(word: string, name: string, path: string): EvidenceFile {
  return { word, name, path, isThere: existsSync(path) };
}
