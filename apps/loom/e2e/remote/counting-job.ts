import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Ended } from "../project.ts";
import { WAIT, type FarProject } from "./far-project.ts";

/** A job that prints on and on, until a file is there, and says in another one how far it is; then another one gets what it made. */
export const COUNTING = `version: v1
stages: [a, b]
count:
  stage: a
  runner_pool: POOL
  script:
    - n=0; while test ! -e "$GATE"; do n=$((n+1)); echo "line $n"; echo $n > "$GATE.count"; sleep 0.02; done; echo $n > made
  artifacts: {paths: [made]}
use:
  stage: b
  runner_pool: POOL
  script: ['echo "made $(cat made)"']
`;

/** The numbers of the lines that a run printed. */
export function countedIn(stdout: string): readonly number[] {
  return [...stdout.matchAll(/^count *│ line (\d+)$/gmu)].map(([, n]) => Number(n));
}

/** The numbers from 1 to this one. */
export function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Lets the job that counts go on for some time, whatever is heard of it. */
export async function countsOn(gate: string): Promise<void> {
  const count = (): number => Number(readFileSync(`${gate}.count`, "utf8"));
  const before = count();
  await expect.poll(count, WAIT).toBeGreaterThan(before + 40);
}

/** The job that counts was carried out once, and all that it said is there. */
export function expectAllCounted(project: FarProject, { exitCode, stdout }: Ended): void {
  expect(exitCode).toBe(0);
  const counted = countedIn(stdout);
  expect(counted).toEqual(upTo(counted.length));
  expect(stdout).toMatch(new RegExp(`use *│ made ${counted.length}\\n`, "u"));
  expect(stdout).not.toContain("attempt 2");
  expect(project.verdict()).toBe("valid");
}
