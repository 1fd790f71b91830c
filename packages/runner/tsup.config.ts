import { defineLibrary } from "@loom/tsup-config";

export default defineLibrary([
  "src/index.ts",
  "src/compile/index.ts",
  "src/dead-runs/index.ts",
  "src/live/index.ts",
  "src/settings/index.ts",
  "src/workflow/index.ts",
  "src/worker/index.ts",
  "src/after-death.ts",
  "src/after-worker-death.ts",
]);
