import { jobId, planRun } from "@loom/core";
import { createNaiveSchedule, graphOf } from "@loom/testkit";
import { expect } from "vitest";
import { upTo } from "./counting-job.ts";
import type { FarProject } from "./far-project.ts";

/** What each job of a random graph prints. */
export const LINES: readonly string[] = upTo(5).map((number) => `line ${number}`);

export interface RandomJob {
  readonly id: string;
  readonly needs: readonly string[];
}

/** Whole numbers from 0 to below a bound, the same for the same seed. */
export function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
}

/** Jobs of which some need earlier ones. */
export function randomGraph(random: (bound: number) => number): readonly RandomJob[] {
  const ids = upTo(12).map((number) => `j${String(number).padStart(2, "0")}`);
  return ids.map((id, index) => ({ id, needs: ids.slice(0, index).filter(() => random(4) === 0) }));
}

export function workflowOf(nodes: readonly RandomJob[]): string {
  const jobs = nodes.map(
    ({ id, needs }) => `${id}:
  stage: a
  runner_pool: POOL
  needs: [${needs.join(", ")}]
  script: ['test -z "$BEGUN" || echo x >> "$BEGUN/${id}"; for n in $(seq ${LINES.length}); do echo "line $n"; sleep 0.05; done']
`,
  );
  return `version: v1\nstages: [a]\n${jobs.join("")}`;
}

/** What each attempt at a job printed, as far as it is known. */
export function attemptsOf(project: FarProject, id: string): readonly (readonly string[])[] {
  const { stdout } = project.loom(["logs", "last", id]);
  return stdout.split(/^(?=line 1$)/mu).flatMap((part) => {
    const lines = part.match(/^line \d+$/gmu);
    return lines === null ? [] : [lines];
  });
}

/** Each job began when it might, and has one result, as a model says that looks at every job again. */
export function expectAllowed(project: FarProject, nodes: readonly RandomJob[]): void {
  const graph = graphOf(nodes.map(({ id, needs }) => ({ id, needs: needs.map(jobId) })));
  const model = createNaiveSchedule(planRun(graph, { concurrency: 4 }));
  const mayBegin = new Set(model.begin().map((decision) => decision.jobId));
  const results: string[] = [];
  const tooEarly: string[] = [];
  const { events } = project.lastRun();
  for (const record of events("pipeline/events.jsonl")) {
    if (record.event !== "job_state") continue;
    const { job_id: id, to } = record;
    if (to === "running" && !mayBegin.delete(id)) tooEarly.push(id);
    if (to !== "success") continue;
    results.push(id);
    for (const decision of model.settle(id, { status: "success" })) mayBegin.add(decision.jobId);
  }
  expect(tooEarly).toEqual([]);
  expect(results.toSorted()).toEqual(nodes.map(({ id }) => id));
}
