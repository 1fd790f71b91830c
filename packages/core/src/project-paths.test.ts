import type { LoomEvent } from "@loom/core";
import { describe, expect, test } from "vitest";
import { relativePaths, workplaceOf } from "./project-paths.ts";

const SNAPSHOT = "/home/me/.cache/loom/workspaces/app (1)-0f/loom-run-local-7";

describe("relativePaths()", () => {
  const inSnapshot = relativePaths({ projectDir: SNAPSHOT, snapshotPath: SNAPSHOT });

  test.each([
    ["src/a.ts", `${SNAPSHOT}/src/a.ts`],
    ["src/a.ts:3:7 - error TS2322: no", `${SNAPSHOT}/src/a.ts:3:7 - error TS2322: no`],
    ['  File "app/main.py", line 3, in run', `  File "${SNAPSHOT}/app/main.py", line 3, in run`],
    ["    at run (src/a.js:1:2)", `    at run (file://${SNAPSHOT}/src/a.js:1:2)`],
    ["a.c:1: b.h:2", `${SNAPSHOT}/a.c:1: ${SNAPSHOT}//b.h:2`],
    ["\u001B[96msrc/a.ts\u001B[0m:3", `\u001B[96m${SNAPSHOT}/src/a.ts\u001B[0m:3`],
    ["--config=ü.json", `--config=${SNAPSHOT}/ü.json`],
  ])("gives %j for a path in the snapshot", (relative, absolute) => {
    expect(inSnapshot(absolute)).toBe(relative);
  });

  test.each([
    "src/a.ts:1:1: no",
    `cd ${SNAPSHOT}`,
    `ls ${SNAPSHOT}/`,
    `${SNAPSHOT}/: no such file`,
    `${SNAPSHOT}0/src/a.ts`,
    `/backup${SNAPSHOT}/src/a.ts`,
    "/usr/include/stdio.h:1",
  ])("leaves %j as it is", (text) => {
    expect(inSnapshot(text)).toBe(text);
  });

  test("is relative to the project where that is a part of the repository", () => {
    const relative = relativePaths({ projectDir: `${SNAPSHOT}/packages/app`, snapshotPath: SNAPSHOT });
    expect(relative(`${SNAPSHOT}/packages/app/a.ts ${SNAPSHOT}/lib/b.ts`)).toBe("a.ts ../../lib/b.ts");
  });

  test("knows the checkout of a run in place, and nothing around it", () => {
    const relative = relativePaths({ projectDir: "/srv/app//" });
    expect(relative("/srv/app/a.ts /srv/app.old/a.ts /srv/b.ts")).toBe("a.ts /srv/app.old/a.ts /srv/b.ts");
  });

  test.each([
    ["src/a.ts", "", "/copies/run-1/unit-22/src/a.ts"],
    ["a.ts", "packages/app", "/copies/run-1/unit/packages/app/a.ts"],
    ["../../lib/b.ts", "packages/app", "/copies/run-1/unit/lib/b.ts"],
    ["../../packages/application/b.ts", "packages/app", "/copies/run-1/unit/packages/application/b.ts"],
    ["/copies/run-2/unit/a.ts", "", "/copies/run-2/unit/a.ts"],
    ["/copies/run-1/.pristine/a.ts", "", "/copies/run-1/.pristine/a.ts"],
    ["here.ts", "", "/srv/app/here.ts"],
  ])(
    "gives %j, with the project at %j, for %j of a job with a workspace of its own",
    (relative, below, text) => {
      expect(relativePaths({ projectDir: "/srv/app", own: { folder: "/copies/run-1", below } })(text)).toBe(
        relative,
      );
    },
  );

  test("does not mind slashes at the end of where the workspaces of jobs are", () => {
    const own = { folder: "/copies/run-1//", below: "packages/app//" };
    const relative = relativePaths({ projectDir: "/srv/app", own });
    expect(relative("/copies/run-1/unit/packages/app/a.ts")).toBe("a.ts");
    expect(relative("/copies/run-1/unit/lib/b.ts")).toBe("../../lib/b.ts");
  });

  test("keeps the folder of a snapshot that the project is not in", () => {
    const relative = relativePaths({ projectDir: "/srv/app", snapshotPath: "/srv/ap" });
    expect(relative("/srv/app/a.ts /srv/ap/b.ts")).toBe("a.ts /srv/ap/b.ts");
  });

  test("leaves all as it is where the project is the root of the file system", () => {
    expect(relativePaths({ projectDir: "/" })("/etc/passwd")).toBe("/etc/passwd");
  });
});

test.each([
  ["", "src/a.ts:3:1 and src/b.ts"],
  ["packages/app", "../../src/a.ts:3:1 and ../../src/b.ts"],
  ["src", "a.ts:3:1 and b.ts"],
])("relativePaths() knows where jobs work on workers, with the project at %j", (below, expected) => {
  const relative = relativePaths({ projectDir: "/srv/app", own: { folder: "/copies/run-1", below } });
  const there = "/home/ci/.cache/loom/worker/w1-0a1b2c3d/jobs/5d2e-77/workspace/src";
  expect(relative(`${there}/a.ts:3:1 and file://${there}/b.ts`)).toBe(expected);
  expect(relative("/home/ci/.cache/loom/worker/w1/other/src/a.ts")).toBe(
    "/home/ci/.cache/loom/worker/w1/other/src/a.ts",
  );
});

describe("workplaceOf()", () => {
  const log = { seq: 1, ts: "2026-01-01T00:00:00.000Z", event: "log", level: "info", message: "m" } as const;
  test.each<[object, ReturnType<typeof workplaceOf>]>([
    [
      { workspace: "/a", snapshot_path: "/b" },
      { projectDir: "/a", snapshotPath: "/b" },
    ],
    [{ workspace: "/a" }, { projectDir: "/a" }],
    [
      { workspace: "/a", own_workspaces: "/c" },
      { projectDir: "/a", own: { folder: "/c", below: "" } },
    ],
    [
      { workspace: "/a", own_workspaces: "/c", own_project: "app" },
      { projectDir: "/a", own: { folder: "/c", below: "app" } },
    ],
    [{ workspace: "/a", snapshot_path: 1, own_workspaces: 1 }, { projectDir: "/a" }],
    [{ snapshot_path: "/b" }, undefined],
    [{ workspace: 1 }, undefined],
  ])("reads %j", (facts, workplace) => {
    expect(workplaceOf({ ...log, ...facts } as LoomEvent)).toStrictEqual(workplace);
  });

  test("finds none in other records", () => {
    expect(
      workplaceOf({ ...log, event: "output", stream: "stdout", text: "m", workspace: "/a" } as LoomEvent),
    ).toBeUndefined();
  });
});
