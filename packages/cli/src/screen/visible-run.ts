import type { StreamRef } from "@loom/core";
import { timelineOf, type PastRun, type Timeline } from "@loom/diagnosis";
import { ViewModel, unitEventsPath } from "@loom/reporters/view";
import { clockText, monthDayText } from "../local-time.ts";
import type { RecordedRun } from "../record/replay-records.ts";
import { matricesOf, type JobMatrices } from "../state/matrix-fold.ts";
import { graphLinks, type GraphLinks } from "../state/graph-links.ts";

/** Where the evidence of a run is. */
export interface RunPlace {
  /** Absolute path of its folder; without it there are no logs and no explanations of failures. */
  readonly directory?: string | undefined;
  /** Absolute path of its receipt. */
  readonly receiptPath?: string | undefined;
}

/** A run that the screen can show. */
export class VisibleRun {
  readonly model: ViewModel;
  readonly directory: string | undefined;
  /** For a past run, absent until it is over; for the live one, the path that the receipt will have. */
  receiptPath: string | undefined;
  /** Whether the run is live: this process runs it. */
  readonly live: boolean;
  /** Path of its workflow; empty if unknown. */
  readonly workflow: string;
  /** For a past run, when it started, as text in local time; otherwise empty. */
  readonly past: string;
  #links: GraphLinks | undefined;
  #matrices: JobMatrices | undefined;

  private constructor(facts: Pick<VisibleRun, "model" | "live" | "workflow" | "past"> & RunPlace) {
    this.model = facts.model;
    this.directory = facts.directory;
    this.receiptPath = facts.receiptPath;
    this.live = facts.live;
    this.workflow = facts.workflow;
    this.past = facts.past;
  }

  /** The run of this screen, which receives its records; without any, for a screen that starts with the list of runs. */
  static own(facts: RunPlace & { readonly live: boolean; readonly workflow: string }): VisibleRun {
    return new VisibleRun({ ...facts, model: new ViewModel(), past: "" });
  }

  /** A run that was read from its folder. @param listed - Its entry in the list of past runs. */
  static past({ model, seen: _seen, ...place }: RecordedRun, listed: PastRun | undefined): VisibleRun {
    const past = dateText(model.view().startedAtMs ?? 0);
    return new VisibleRun({ ...place, model, live: false, workflow: listed?.workflow ?? "", past });
  }

  /**
   * The timeline of the run until now, or until its end.
   *
   * @param workers - How many jobs run at a time, if the run does not say.
   */
  timeline(nowMs: number, workers: number): Timeline {
    const { table, concurrency = workers } = this.model;
    const { startedAtMs: beganAtMs = nowMs, finishedAtMs: atMs = nowMs } = this.model.view();
    return { ...timelineOf(table, { beganAtMs, atMs }), concurrency };
  }

  /** The graph to move through; without jobs until it is known. */
  get links(): GraphLinks {
    const { graph } = this.model;
    if (graph === undefined) return UNLINKED;
    this.#links ??= graphLinks(graph);
    return this.#links;
  }

  /** Which jobs stand below one name; none until the graph is known. */
  get matrices(): JobMatrices {
    const { graph } = this.model;
    if (graph === undefined) return NO_MATRICES;
    this.#matrices ??= matricesOf(graph);
    return this.#matrices;
  }
}

const UNLINKED = graphLinks(undefined);

const NO_MATRICES = matricesOf(undefined);

/** The stream of a step or a section. */
export type UnitStream = Extract<StreamRef, { kind: "step" | "section" }>;

/** The key of a stream's log: its path, relative to the run's folder. */
export function logKeyOf(stream: UnitStream): string {
  return stream.kind === "step"
    ? unitEventsPath(stream.jobId, { kind: "step", step: stream.step })
    : unitEventsPath(stream.jobId, { kind: "section", section: stream.section });
}

/** How many lines each stream should have, counted without reading it. */
export class WrittenLines {
  readonly #lines = new Map<string, number>();

  of(key: string): number {
    return this.#lines.get(key) ?? 0;
  }

  add(key: string, lines: number): void {
    this.#lines.set(key, this.of(key) + lines);
  }

  /** Starts to count a stream. @returns Whether it was counted before: a new attempt starts it over. */
  begin(key: string): boolean {
    const again = this.#lines.has(key);
    this.#lines.set(key, 0);
    return again;
  }
}

function dateText(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${monthDayText(at)} ${clockText(at)}`;
}
