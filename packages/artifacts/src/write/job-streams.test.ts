import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { jobId, type StreamRef } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { readTree } from "../../test/read-tree.ts";
import { WatchedDisk } from "../../test/watched-disk.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Directories } from "./directories.ts";
import { JobStreams } from "./job-streams.ts";

const JOB = { kind: "job", jobId: jobId("a") } as const;
const PROVIDER = { kind: "section", jobId: jobId("a"), section: "provider" } as const;
const CLEANUP = { ...PROVIDER, section: "cleanup" } as const;
const FIRST = { kind: "step", jobId: jobId("a"), step: 1 } as const;
const SECOND = { ...FIRST, step: 2 } as const;

function arrange(): { readonly root: string; readonly disk: WatchedDisk; readonly streams: JobStreams } {
  const root = `${temporaryDirectory()}/`;
  const disk = new WatchedDisk();
  const streams = new JobStreams({
    disk,
    runDirectory: root,
    directories: new Directories(disk, root),
    buffers: new BufferPool(),
    jobId: jobId("a"),
  });
  return { root, disk, streams };
}

type OfJob = StreamRef & { readonly kind: "job" | "section" | "step" };

test.each<{ stream: OfJob; path: string }>([
  { stream: JOB, path: "jobs/a/events.jsonl" },
  { stream: PROVIDER, path: "jobs/a/system/provider/events.jsonl" },
  { stream: CLEANUP, path: "jobs/a/system/cleanup/events.jsonl" },
  { stream: FIRST, path: "jobs/a/user/execution/script/01/events.jsonl" },
  { stream: SECOND, path: "jobs/a/user/execution/script/02/events.jsonl" },
])("a stream of a job is at $path, one file however often it is asked for", ({ stream, path }) => {
  const { root, streams } = arrange();
  const file = streams.of(stream);
  file.append("one");
  streams.of(stream).append("two");
  expect([file.streamPath, streams.of(stream) === file, file.lines]).toEqual([path, true, 2]);
  file.flush();
  file.close();
  expect(readTree(root)).toEqual({ [path]: "one\ntwo\n" });
});

test("the mirror of the execution is one file, beside the steps", () => {
  const { root, streams } = arrange();
  streams.execution.append("one");
  streams.execution.append("two");
  streams.execution.flush();
  streams.execution.close();
  expect(readTree(root)).toEqual({ "jobs/a/user/execution/events.jsonl": "one\ntwo\n" });
});

test("all streams of a job are those that were asked for, its own first", () => {
  const { streams } = arrange();
  expect(streams.all()).toEqual([]);
  const [second, cleanup, execution, job, first] = [
    streams.of(SECOND),
    streams.of(CLEANUP),
    streams.execution,
    streams.of(JOB),
    streams.of(FIRST),
  ];
  const all = [job, execution, cleanup, second, first];
  expect(streams.all().map((file) => file.path)).toEqual(all.map((file) => file.path));
  expect(streams.all().every((file, index) => file === all[index])).toBe(true);
});

test("a directory of a job is made with the job's own", () => {
  const { root, disk, streams } = arrange();
  streams.ensureDirectory("jobs/a/user/execution/");
  expect(existsSync(join(root, "jobs/a/user/execution"))).toBe(true);
  const asked = disk.pathsOf("mkdir").length;
  streams.ensureDirectory("jobs/a/user/");
  expect(disk.pathsOf("mkdir").length).toBe(asked);
});

test("steps that were moved away begin anew, in a directory of their own; other streams go on", () => {
  const { root, streams } = arrange();
  const write = (stream: OfJob, line: string): void => {
    const file = streams.of(stream);
    file.append(line);
    file.flush();
    file.close();
  };
  write(PROVIDER, "first attempt");
  write(FIRST, "first attempt");
  streams.ensureDirectory("jobs/a/user/execution/attempts/1/");
  renameSync(
    join(root, "jobs/a/user/execution/script"),
    join(root, "jobs/a/user/execution/attempts/1/script"),
  );
  streams.moved("jobs/a/user/execution/script/", () => undefined);
  write(PROVIDER, "second attempt");
  write(FIRST, "second attempt");
  expect([streams.of(PROVIDER).lines, streams.of(FIRST).lines]).toEqual([2, 1]);
  expect(readTree(root)).toEqual({
    "jobs/a/system/provider/events.jsonl": "first attempt\nsecond attempt\n",
    "jobs/a/user/execution/attempts/1/script/01/events.jsonl": "first attempt\n",
    "jobs/a/user/execution/script/01/events.jsonl": "second attempt\n",
  });
});
