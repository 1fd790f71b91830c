import { expect, test } from "vitest";
import { WHOLE } from "../test/broken-run.ts";
import type { PastEvent } from "./past-run.ts";
import { recordedPlan } from "./recorded-plan.ts";

test("recordedPlan() takes the plan from a log of the run's own stream, and says where there is none", () => {
  const noted = WHOLE.find(({ record }) => record?.event === "log" && "graph_ir" in record)?.record;
  const event = (kind: string, fields: object = {}): PastEvent =>
    ({ path: "x", stream: { kind }, record: { ...noted, ...fields } }) as never;
  const others = [event("pipeline"), event("run", { event: "note" }), event("run", { graph_ir: 7 })];
  const unknown = recordedPlan(others);
  expect(unknown).toMatchObject({ known: false, plan: { jobs: [], concurrency: 1 } });
  const { known, plan } = recordedPlan([...others, event("run")]);
  expect([known, plan.concurrency, plan.jobs.length]).toEqual([true, 3, 2]);
});
