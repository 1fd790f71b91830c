import { defineLibrary } from "@loom/tsup-config";

export default defineLibrary(["src/index.ts", "src/staged/index.ts"]);
