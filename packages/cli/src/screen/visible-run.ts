import type { StreamRef } from "@loom/core";
import { timelineOf, type PastRun, type Timeline } from "@loom/diagnosis";
import { ViewModel, unitEventsPath } from "@loom/reporters/view";
import type { RecordedRun } from "../record/replay-records.ts";
import { graphLinks, type GraphLinks } from "../state/graph-links.ts";

/** Where the evidence of a run is. */
export interface RunPlace {
  /** Absolute; without it there are no logs, and no path to a failure. */
  readonly directory?: string | undefined;
  /** Absolute. */
  readonly receiptPath?: string | undefined;
}

/** A run that the screen can show. */
export class VisibleRun {
  readonly model: ViewModel;
  readonly directory: string | undefined;
  /** Absent until the run is over. */
  receiptPath: string | undefined;
  /** Whether it happens now. */
  readonly live: boolean;
  /** Path of its workflow; empty where that is not known. */
  readonly workflow: string;
  /** When it was, for a past one. */
  readonly past: string;
  #links: GraphLinks | undefined;

  private constructor(facts: Pick<VisibleRun, "model" | "live" | "workflow" | "past"> & RunPlace) {
    this.model = facts.model;
    this.directory = facts.directory;
    this.receiptPath = facts.receiptPath;
    this.live = facts.live;
    this.workflow = facts.workflow;
    this.past = facts.past;
  }

  /** A run that is told of record by record; or none at all, for the list of past ones. */
  static own(facts: RunPlace & { readonly live: boolean; readonly workflow: string }): VisibleRun {
    return new VisibleRun({ ...facts, model: new ViewModel(), past: "" });
  }

  /** A run that was read back. */
  static past({ model, seen: _seen, ...place }: RecordedRun, listed: PastRun | undefined): VisibleRun {
    const past = dateText(model.view().startedAtMs ?? 0);
    return new VisibleRun({ ...place, model, live: false, workflow: listed?.workflow ?? "", past });
  }

  /**
   * What happened when, until now.
   *
   * @param workers - How many jobs run at a time, where the run does not say.
   */
  timeline(nowMs: number, workers: number): Timeline {
    const { table, concurrency = workers } = this.model;
    const { startedAtMs: beganAtMs = nowMs, finishedAtMs: atMs = nowMs } = this.model.view();
    return { ...timelineOf(table, { beganAtMs, atMs }), concurrency };
  }

  /** The graph, as one moves through it; without jobs until it is known. */
  get links(): GraphLinks {
    const { graph } = this.model;
    if (graph === undefined) return UNLINKED;
    this.#links ??= graphLinks(graph);
    return this.#links;
  }
}

const UNLINKED = graphLinks(undefined);

/** The stream of a step or a section. */
export type UnitStream = Extract<StreamRef, { kind: "step" | "section" }>;

/** Path of a stream below its run: the name under which its log is known. */
export function logKeyOf(stream: UnitStream): string {
  return stream.kind === "step"
    ? unitEventsPath(stream.jobId, { kind: "step", step: stream.step })
    : unitEventsPath(stream.jobId, { kind: "section", section: stream.section });
}

/** How many lines were written to each stream, as far as is known without reading it. */
export class WrittenLines {
  readonly #lines = new Map<string, number>();

  of(key: string): number {
    return this.#lines.get(key) ?? 0;
  }

  add(key: string, lines: number): void {
    this.#lines.set(key, this.of(key) + lines);
  }

  /** @returns Whether it is begun again, by a further attempt. */
  begin(key: string): boolean {
    const again = this.#lines.has(key);
    this.#lines.set(key, 0);
    return again;
  }
}

function dateText(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
