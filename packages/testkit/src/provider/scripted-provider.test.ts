import { expect, test } from "vitest";
import { buildJobSpec } from "@loom/contract-suites";
import { CollectedOutput } from "@loom/contract-suites";
import { createRecordingLog, createRecordingSections } from "@loom/contract-suites";
import { ScriptedProvider } from "./scripted-provider.ts";
import { createStopSwitch } from "@loom/contract-suites";

test("next() hands out the steps in the order in which they were started, and they end as the test says", async () => {
  const provider = new ScriptedProvider();
  const stop = createStopSwitch().request;
  const prepared = await provider.prepare(buildJobSpec({ id: "lint" }), createRecordingSections());
  if (!prepared.ok) throw new Error(prepared.error.message);
  const asked = provider.next();
  const output = new CollectedOutput();
  const ended = prepared.value.run({ step: 1, script: "eslint" }, output, stop);
  const step = await asked;
  await step.prints("clean\n");
  step.ends({ kind: "exited", exitCode: 0 });
  expect(await ended).toEqual({ kind: "exited", exitCode: 0 });
  expect({ job: step.jobId, script: step.script, stdout: output.stdout }).toEqual({
    job: "lint",
    script: "eslint",
    stdout: "clean\n",
  });
  expect(() => step.ends({ kind: "exited", exitCode: 1 })).toThrowError("has ended already");
  await prepared.value.close(createRecordingLog());
  expect({ prepared: provider.prepared, closed: provider.closed }).toEqual({
    prepared: ["lint"],
    closed: ["lint"],
  });
});

test("prepare() fails for the jobs that the test names", async () => {
  const error = { code: "provider_unavailable" as const, message: "There is no provider of images" };
  const provider = new ScriptedProvider({ prepareFails: (job) => (job.jobId === "bad" ? error : undefined) });
  const sections = createRecordingSections();
  expect(await provider.prepare(buildJobSpec({ id: "bad" }), sections)).toEqual({ ok: false, error });
  expect(sections.sections.map(({ outcome }) => outcome)).toEqual([{ status: "failed", error }]);
});
