import { defineLibrary } from "@loom/tsup-config";

export default defineLibrary(["src/index.ts", "src/table.ts", "src/state.ts", "src/view.ts"]);
