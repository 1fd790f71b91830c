import { jobId } from "@loom/core";
import { expect, test } from "vitest";
import {
  isInArtifacts,
  isPartOfArtifacts,
  jobArtifactPaths,
  jobManifestPath,
  jobSummaryPath,
} from "./documents.ts";

const job = jobId("build");

test("the documents of a job lie in its directory", () => {
  expect([jobSummaryPath(job), jobManifestPath(job)]).toEqual([
    "jobs/build/summary.json",
    "jobs/build/manifest.json",
  ]);
});

test("isInArtifacts() and isPartOfArtifacts() know what jobArtifactPaths() names", () => {
  const { directory, archive } = jobArtifactPaths(job);
  expect([directory, archive]).toEqual(["jobs/build/artifacts", "jobs/build/artifacts.tar.gz"]);
  expect([`${directory}/x`, `${directory}.part/x/y`].map(isInArtifacts)).toEqual([true, true]);
  expect([directory, archive, "jobs/build/x/artifacts/y"].map(isInArtifacts)).toEqual([false, false, false]);
  expect([`${directory}.part`, `${archive}.part`].map(isPartOfArtifacts)).toEqual([true, true]);
  expect([directory, archive, `${directory}.part/x`].map(isPartOfArtifacts)).toEqual([false, false, false]);
});
