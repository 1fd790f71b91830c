import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../test/save-and-restore.ts", import.meta.url));

/** Peak memory for a 2 GB cache, and for Node with the package loaded before it begins. */
const MOST_BYTES = 200_000_000;

test("saveCaches() and restoreCaches() never hold a whole large cache in memory", () => {
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps"));
  // 160 MB incompressible, then 440 MB that cost little: both sides of an archive are above the limit, or near it.
  const make = 'head -c 160000000 /dev/urandom > "$1/noise"; truncate -s 440M "$1/zeros"';
  execFileSync("sh", ["-c", make, "sh", join(workspace, "deps")]);

  const options = ["--conditions=@loom/source", "--disable-warning=ExperimentalWarning"];
  const output = execFileSync(process.execPath, [...options, SCRIPT, temporaryDirectory(), workspace], {
    encoding: "utf8",
  });
  const { before, after, saved, hit } = JSON.parse(output) as {
    before: number;
    after: number;
    saved: boolean;
    hit: boolean;
  };

  expect({ saved, hit }).toEqual({ saved: true, hit: true });
  expect(after - before).toBeLessThan(MOST_BYTES - 30_000_000);
});
