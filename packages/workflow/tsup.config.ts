import { defineLibrary } from "@loom/tsup-config";

export default defineLibrary(["src/index.ts", "src/import/index.ts", "src/run/index.ts"]);
