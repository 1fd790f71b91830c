import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { WatchedDisk } from "../../test/watched-disk.ts";
import { Directories } from "./directories.ts";

function arrange(): { disk: WatchedDisk; root: string; directories: Directories; made: () => string[] } {
  const disk = new WatchedDisk();
  const root = `${temporaryDirectory()}/`;
  const directories = new Directories(disk, root);
  let seen = 0;
  // What was asked for since the last look, relative to the root.
  const made = (): string[] => {
    const paths = disk.pathsOf("mkdir").map((path) => path.slice(root.length));
    const since = paths.slice(seen);
    seen = paths.length;
    return since;
  };
  return { disk, root, directories, made };
}

test("a directory is made with all above it, from the top, and each once only", () => {
  const { root, directories, made } = arrange();
  directories.ensure("jobs/a/");
  expect(made()).toEqual(["", "jobs/", "jobs/a/"]);
  directories.ensure("jobs/a/");
  expect(made()).toEqual([]);
  directories.ensure("jobs/b/");
  expect(made()).toEqual(["jobs/b/"]);
  expect([existsSync(join(root, "jobs/a")), existsSync(join(root, "jobs/b"))]).toEqual([true, true]);
});

test("what lies above the root is made by whoever has it", () => {
  const { disk, root, directories, made } = arrange();
  const job = new Directories(disk, `${root}jobs/a/`, { directories, directory: "jobs/" });
  job.ensure("system/");
  expect(made()).toEqual(["", "jobs/", "jobs/a/", "jobs/a/system/"]);
  directories.ensure("jobs/");
  expect(made()).toEqual([]);
});

test("a directory that the disk refuses is an error, and is tried again", () => {
  const { disk, root, directories } = arrange();
  disk.refuse("ENOSPC", ({ path }) => path.endsWith("/jobs/"));
  expect(() => directories.ensure("jobs/a/")).toThrow("ENOSPC");
  expect(existsSync(join(root, "jobs"))).toBe(false);
  disk.allowAll();
  directories.ensure("jobs/a/");
  expect(existsSync(join(root, "jobs/a"))).toBe(true);
});

test("what is no error of the operating system is thrown on", () => {
  const { disk, directories } = arrange();
  disk.makeDirectory = () => {
    throw new TypeError("a bug");
  };
  expect(() => directories.ensure("jobs/")).toThrow("a bug");
});

test("a directory that was moved away is made again with what was in it, its neighbours are not", () => {
  const { root, directories, made } = arrange();
  directories.ensure("script/01/");
  directories.ensure("system/");
  made();
  rmSync(join(root, "script"), { recursive: true });
  directories.forget("script/");
  directories.ensure("system/");
  expect(made()).toEqual([]);
  directories.ensure("script/01/");
  expect(made()).toEqual(["script/", "script/01/"]);
});

test("once something is not as it was, everything is looked at again, up to the top", () => {
  const { disk, root, directories, made } = arrange();
  const job = new Directories(disk, `${root}jobs/a/`, { directories, directory: "jobs/" });
  job.ensure("system/");
  made();
  rmSync(join(root, "jobs"), { recursive: true });
  job.invalidate();
  job.ensure("system/");
  expect(made()).toEqual(["", "jobs/", "jobs/a/", "jobs/a/system/"]);
  expect(existsSync(join(root, "jobs/a/system"))).toBe(true);
});
