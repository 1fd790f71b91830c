import { beforeAll, expect, test } from "vitest";
import { simulateAcross } from "./simulate-across.ts";
import type { ManyRuns } from "./simulate-many.ts";

/** How many schedules to run: `LOOM_SIMULATE_RUNS`, or what takes a minute on two cores. They are the same each time; each night runs many others. */
const RUNS = Number(process.env["LOOM_SIMULATE_RUNS"] ?? 20_000);

/** The first seed: `LOOM_SIMULATE_FROM`. */
const FROM = Number(process.env["LOOM_SIMULATE_FROM"] ?? 1);

/** All of them, simulated once, as it takes a minute. */
let total: ManyRuns;

beforeAll(async () => {
  total = await simulateAcross({ from: FROM, count: RUNS });
}, 600_000);

test(`simulateAcross() breaks no rule in ${RUNS} schedules`, () => {
  expect(tellBroken(total)).toBe("");
  expect(total.runs).toBe(RUNS);
});

test("simulateAcross() reaches every kind of ending often enough to be meaningful", () => {
  const { endings, runs } = total;
  expect(endings.finished).toBeGreaterThan(runs / 2);
  expect(endings.crashed).toBeGreaterThan(runs / 20);
  expect(endings.bug).toBeGreaterThan(0);
  expect(endings.hung).toBe(0);
});

function tellBroken({ broken }: ManyRuns): string {
  return broken
    .map(({ seed, complaints }) =>
      [
        `Seed ${seed} breaks a rule; \`npm run simulate -- --seed ${seed}\` tells its story:`,
        ...complaints.map(({ rule, message }) => `  ${rule}: ${message}`),
      ].join("\n"),
    )
    .join("\n");
}
