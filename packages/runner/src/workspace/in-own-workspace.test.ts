import { type EventError, err, ok, type JobId } from "@loom/core";
import { buildJobSpec, ScriptedProvider, createRecordingSections, createStopSwitch } from "@loom/testkit";
import { expect, test } from "vitest";
import { inOwnWorkspace } from "./in-own-workspace.ts";
import type { OwnWorkspaces } from "./own-workspaces.ts";

const JOB = buildJobSpec({ workspaceRoot: "/copies/job" });

/** Workspaces that come out as told, and which of them were made. */
function ownOf(result: Awaited<ReturnType<OwnWorkspaces["make"]>>) {
  const made: JobId[] = [];
  const own: OwnWorkspaces = {
    folder: "/copies",
    below: "",
    pristine: { projectDir: "/copies/.pristine", snapshotPath: "/copies/.pristine" },
    warnings: [],
    placeOf: (jobId) => ({ projectDir: `/copies/${jobId}`, snapshotPath: `/copies/${jobId}` }),
    make: (jobId) => {
      made.push(jobId);
      return Promise.resolve(result);
    },
  };
  return { own, made };
}

test("inOwnWorkspace() makes the workspace first, in the provider's own section, and says where it is", async () => {
  const { own, made } = ownOf(ok(undefined));
  const sections = createRecordingSections();
  const provider = inOwnWorkspace(new ScriptedProvider(), own);
  const prepared = await provider.prepare(JOB, sections, createStopSwitch().request);
  expect(prepared.ok).toBe(true);
  expect(made).toEqual([JOB.jobId]);
  expect(sections.sections).toHaveLength(1);
  expect(sections.sections[0]?.logs[0]).toMatchObject({
    message: "The job works in a workspace of its own",
    facts: { workspace: `/copies/${JOB.jobId}`, snapshot_path: `/copies/${JOB.jobId}` },
  });
});

test("inOwnWorkspace() says nothing of a workspace in which the job does not work", async () => {
  const { own, made } = ownOf(ok(undefined));
  const sections = createRecordingSections();
  const provider = inOwnWorkspace(new ScriptedProvider(), own, false);
  expect((await provider.prepare(JOB, sections, createStopSwitch().request)).ok).toBe(true);
  expect(made).toEqual([JOB.jobId]);
  expect(sections.sections[0]?.logs).not.toContainEqual(
    expect.objectContaining({ message: "The job works in a workspace of its own" }),
  );
});

test("inOwnWorkspace() does not set a job up that has no workspace, and says why", async () => {
  const error: EventError = { code: "WORKSPACE_NO_SPACE", message: "The disk is full" };
  const sections = createRecordingSections();
  const provider = inOwnWorkspace(new ScriptedProvider(), ownOf(err(error)).own);
  expect(await provider.prepare(JOB, sections, createStopSwitch().request)).toEqual(err(error));
  expect(sections.sections).toMatchObject([{ logs: [], outcome: { status: "failed", error } }]);
});

test("inOwnWorkspace() is cancelled with the run", async () => {
  const stop = createStopSwitch();
  stop.terminate();
  const cancelled: EventError = { code: "WORKSPACE_CANCELLED", message: "Cancelled" };
  const sections = createRecordingSections();
  const provider = inOwnWorkspace(new ScriptedProvider(), ownOf(err(cancelled)).own);
  expect(await provider.prepare(JOB, sections, stop.request)).toEqual(err(cancelled));
  expect(sections.sections).toMatchObject([{ outcome: { status: "cancelled" } }]);
});
