import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { definePackageTests } from "@loom/vitest-config";
import { mergeConfig } from "vitest/config";

/** What is about the disk itself: evidence after kills, faults and full disks; and what hides memory. It runs on a real one. */
const ON_DISK = ["e2e/faults/**/*.test.ts", "e2e/platforms/**/*.test.ts"];

export default mergeConfig(definePackageTests(import.meta.dirname, { include: [] }), {
  test: {
    // Most tests look at what jobs leave in the project itself; those about snapshots take it away again.
    env: { LOOM_IN_PLACE: "1" },
    // They wait for programs half of the time. With more at a time those would wait for each other.
    maxWorkers: 3,
    isolate: true,
    globalSetup: [fileURLToPath(new URL("e2e/without-agents.ts", import.meta.url))],
    projects: [
      { extends: true, test: { name: "disk", include: ON_DISK, env: { TMPDIR: tmpdir() } } },
      {
        extends: true,
        test: { name: "program", include: ["src/**/*.test.ts", "e2e/**/*.test.ts"], exclude: ON_DISK },
      },
    ],
  },
});
