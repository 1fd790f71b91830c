import {
  jobId,
  runIdentity,
  SECTION_PHASES,
  type FactValue,
  type SectionName,
  type StreamRef,
} from "@loom/core";
import { expect, test } from "vitest";
import { graphOf } from "@loom/testkit";
import { endJob, scriptRun } from "../../test/script-run.ts";
import { RunProjection, type DocumentChange } from "./run-projection.ts";

type Facts = Readonly<Record<string, FactValue>>;

const HIT = { cache: "npm", key: "npm-1", hit: true, matched_key: "npm-0", bytes: 512, duration_ms: 4 };
const MISS = { cache: "go", key: "go-1", hit: false, bytes: 0, duration_ms: 1 };
const SUM = { key: "npm-1, go-1", hit: false, bytes: 512 };

/** The documents of a job whose section tells these facts, a record each; by the end of their paths. */
function documentsOf(section: SectionName, ...attempts: readonly (readonly Facts[])[]) {
  const identity = runIdentity(1n);
  const projection = new RunProjection(identity);
  const changes: DocumentChange[] = [];
  const run = scriptRun(identity, {
    record: (stream, record) => void changes.push(...projection.record(stream, record)),
    lines: () => undefined,
    flush: () => undefined,
  });
  const job: StreamRef = { kind: "job", jobId: jobId("build") };
  const stream: StreamRef = { ...job, kind: "section", section };
  run.begins(graphOf([{ id: "build", script: ["make"] }]));
  run.jobMoves("build", "pending", "ready");
  run.jobMoves("build", "ready", "running");
  const phase = SECTION_PHASES[section];
  for (const [index, facts] of attempts.entries()) {
    const tell = (): void =>
      run.section("build", section, {}, () => {
        for (const told of facts) run.logs(stream, "info", `About ${section}`, told);
      });
    const isOfProvider = phase === "job.provider_prepare";
    run.getsProvider("build", index + 1, isOfProvider ? tell : undefined);
    if (isOfProvider) continue;
    run.phaseStarts(job, phase);
    tell();
    run.phaseEnds(job, phase);
  }
  endJob(run, "build", "success");
  const written = (path: string): unknown =>
    changes.findLast((change) => change.kind === "write" && change.path === `jobs/build/${path}`);
  return {
    summary: written(`system/${section}/summary.json`),
    manifest: written("manifest.json"),
  };
}

function entry(section: SectionName, more: object): object {
  return {
    document: {
      system_sections: expect.arrayContaining([expect.objectContaining({ section, ...more })]) as unknown,
    },
  };
}

test("RunProjection lists what became of each cache, in the section's summary and the job's manifest", () => {
  const { summary, manifest } = documentsOf("cache_restore", [HIT, MISS, SUM]);
  const caches = [HIT, MISS];
  expect(summary).toMatchObject({ document: { ...SUM, caches } });
  expect(manifest).toMatchObject(entry("cache_restore", { caches }));
});

test("RunProjection tells of caches that were saved, and why one was not", () => {
  const caches = [
    { key: "a", saved: true, bytes: 7, duration_ms: 2 },
    { key: "b", saved: false, reason: "unchanged", bytes: 0, duration_ms: 0 },
  ];
  expect(documentsOf("cache_save", caches).manifest).toMatchObject(entry("cache_save", { caches }));
});

test("RunProjection keeps of several attempts what the last one restored", () => {
  const { manifest } = documentsOf("cache_restore", [MISS], [HIT]);
  expect(manifest).toMatchObject(entry("cache_restore", { caches: [HIT] }));
});

test("RunProjection lists no cache for a record that does not tell of one, and none elsewhere", () => {
  const { summary, manifest } = documentsOf("cache_restore", [{ cache_key: "old", hit: true, bytes: 1 }]);
  expect(summary).toMatchObject({ document: { key: "old", hit: true, bytes: 1 } });
  expect(JSON.stringify([summary, manifest, documentsOf("services", [HIT])])).not.toContain('"caches"');
});
