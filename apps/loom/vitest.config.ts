import { tmpdir } from "node:os";
import { definePackageTests } from "@loom/vitest-config";
import { mergeConfig } from "vitest/config";

export default mergeConfig(definePackageTests(["src/**/*.test.ts", "e2e/**/*.test.ts"]), {
  test: {
    // Most tests look at what jobs leave in the project itself; those about snapshots take it away again.
    // They run on a real disk, as programs do.
    env: { LOOM_IN_PLACE: "1", TMPDIR: tmpdir() },
    // They wait for programs more than they compute. More at a time would make them wait for each other.
    maxWorkers: 2,
    isolate: true,
  },
});
