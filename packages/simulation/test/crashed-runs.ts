import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { writeImage } from "../src/crash/write-image.ts";
import { simulate } from "../src/simulate.ts";
import type { SimulationRun } from "../src/simulated-run.ts";

/** The first runs from a seed on whose process died at a disk call, with no refused calls. */
export async function* crashedRuns(from: number, count: number): AsyncGenerator<SimulationRun> {
  for (let seed = from, runs = 0; runs < count; seed += 1) {
    const run = await simulate(seed);
    if (run.ending.kind !== "crashed" || run.disk.hasRefused) continue;
    runs += 1;
    yield run;
  }
}

/** Writes what a run left into a repository of its own. */
export function onDisk({ image, identity: { runId } }: SimulationRun): {
  readonly repo: string;
  readonly directory: string;
  readonly claim: string;
} {
  const repo = mkdtempSync(join(tmpdir(), "loom-crashed-"));
  onTestFinished(() => rmSync(repo, { recursive: true, force: true }));
  const directory = join(repo, ".loom/.runtime/logs", runId);
  mkdirSync(join(repo, ".loom/.runtime/receipts"), { recursive: true });
  writeImage(image, directory);
  return { repo, directory, claim: join(repo, ".loom/.runtime/active", `${runId}.json`) };
}

/** Every complete record in a run's streams. */
export function linesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("events.jsonl"))
    .flatMap((path) => {
      const text = readFileSync(join(directory, path), "utf8");
      return text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    });
}
