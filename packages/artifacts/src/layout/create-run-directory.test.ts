import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { createRunDirectory } from "./create-run-directory.ts";

const run = promisify(execFile);

describe("createRunDirectory()", () => {
  test("createRunDirectory() names the run, keeps it private and out of version control", () => {
    const root = temporaryDirectory();
    const runtime = join(root, ".loom/.runtime");
    expect(createRunDirectory(root, 17n)).toStrictEqual({
      ok: true,
      value: {
        identity: { runId: "loom-run-local-17", pipelineId: "loom-local-17" },
        directory: join(runtime, "logs/loom-run-local-17"),
        receiptPath: join(runtime, "receipts/loom-run-local-17.json"),
      },
    });
    expect(readFileSync(join(runtime, ".gitignore"), "utf8")).toBe("*\n");
    const mode = (path: string): string => (statSync(join(runtime, path)).mode & 0o777).toString(8);
    expect(["", "logs", "receipts", "logs/loom-run-local-17", ".gitignore"].map(mode)).toStrictEqual([
      "700",
      "700",
      "700",
      "700",
      "600",
    ]);
  });

  test("createRunDirectory() gives runs that ask at the same moment each their own", async () => {
    const root = temporaryDirectory();
    const script = `
      import { createRunDirectory } from ${JSON.stringify(import.meta.resolve("./create-run-directory.ts"))};
      for (let k = 0; k < 20; k++) console.log(createRunDirectory(process.argv[1], 100n).value.identity.runId);
    `;
    const processes = [1, 2, 3].map(() =>
      run(process.execPath, ["--conditions=@loom/source", "--input-type=module", "-e", script, root]),
    );
    const names = (await Promise.all(processes)).flatMap(({ stdout }) => stdout.trim().split("\n"));
    const expected = Array.from({ length: 60 }, (_, index) => `loom-run-local-${100 + index}`);
    expect(names.sort()).toStrictEqual(expected.sort());
    expect(readdirSync(join(root, ".loom/.runtime/logs")).sort()).toStrictEqual(expected);
  });

  test("createRunDirectory() says which directory cannot be made, and why", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, ".loom"));
    writeFileSync(join(root, ".loom/.runtime"), "in the way");
    const created = createRunDirectory(root, 1n);
    expect(created.ok ? created : created.error.message.replace(root, "<root>")).toMatchInlineSnapshot(
      `"Cannot keep evidence in "<root>/.loom/.runtime": it is not a directory. Remove it; Loom makes its own"`,
    );
  });
});
