import { defineLibrary } from "@loom/tsup-config";

export default defineLibrary([
  "src/index.ts",
  "src/errors/index.ts",
  "src/closing/index.ts",
  "src/data/index.ts",
  "src/tests/index.ts",
]);
