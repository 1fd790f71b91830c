import { unreachable, type JobId, type SectionName, type StreamRef } from "@loom/core";
import { executionDirectory, jobDirectory, JOBS_DIRECTORY, unitDirectory } from "@loom/record";
import type { BufferPool } from "./buffer-pool.ts";
import { Directories } from "./directories.ts";
import type { Disk } from "./disk.ts";
import { EventFile } from "./event-file.ts";

/** What the streams of a job share with the rest of the run. */
export interface JobStreamsPlace {
  readonly disk: Disk;
  /** Absolute, ending in `/`. */
  readonly runDirectory: string;
  /** The directories of the run. */
  readonly directories: Directories;
  readonly buffers: BufferPool;
  readonly jobId: JobId;
}

/** The streams of one unfinished job. */
export class JobStreams {
  readonly #place: JobStreamsPlace;
  readonly #base: string;
  readonly #directories: Directories;
  readonly #sections = new Map<SectionName, EventFile>();
  readonly #steps = new Map<number, EventFile>();
  #job: EventFile | undefined;
  #execution: EventFile | undefined;
  #makeWay: (() => void) | undefined;

  constructor(place: JobStreamsPlace) {
    this.#place = place;
    this.#base = jobDirectory(place.jobId);
    this.#directories = new Directories(place.disk, place.runDirectory + this.#base, {
      directories: place.directories,
      directory: JOBS_DIRECTORY,
    });
  }

  /** The stream of the job itself, or of one of its units. */
  of(stream: StreamRef & { readonly kind: "job" | "section" | "step" }): EventFile {
    switch (stream.kind) {
      case "job":
        return (this.#job ??= this.#file(unitDirectory(stream)));
      case "section": {
        const known = this.#sections.get(stream.section);
        if (known !== undefined) return known;
        const file = this.#file(unitDirectory(stream));
        this.#sections.set(stream.section, file);
        return file;
      }
      case "step": {
        const known = this.#steps.get(stream.step);
        if (known !== undefined) return known;
        const file = this.#file(unitDirectory(stream), this.#makeWay);
        this.#steps.set(stream.step, file);
        return file;
      }
      default:
        return unreachable(stream);
    }
  }

  /** The mirror of the execution's and the steps' boundaries. */
  get execution(): EventFile {
    return (this.#execution ??= this.#file(executionDirectory(this.#place.jobId)));
  }

  /** Every stream there is. */
  all(): readonly EventFile[] {
    const single = [this.#job, this.#execution].filter((file) => file !== undefined);
    return [...single, ...this.#sections.values(), ...this.#steps.values()];
  }

  /** Makes a directory of the job, given relative to the run's. */
  ensureDirectory(directory: string): void {
    this.#directories.ensure(directory.slice(this.#base.length));
  }

  /**
   * Notes that the steps so far were moved, with the directory given relative to the run's, or will be.
   *
   * @param makeWay - Called before a later step's file is opened: moves them if that is still to be done, or throws why
   *   it cannot be.
   */
  moved(directory: string, makeWay: () => void): void {
    this.forget(directory);
    this.#steps.clear();
    this.#makeWay = makeWay;
  }

  /** Forgets a directory of the job, given relative to the run's, that is not there any more. */
  forget(directory: string): void {
    this.#directories.forget(directory.slice(this.#base.length));
  }

  #file(directory: string, makeWay?: () => void): EventFile {
    return new EventFile({
      disk: this.#place.disk,
      path: `${this.#place.runDirectory}${directory}events.jsonl`,
      streamPath: `${directory}events.jsonl`,
      directory: directory.slice(this.#base.length),
      directories: this.#directories,
      buffers: this.#place.buffers,
      makeWay,
    });
  }
}
