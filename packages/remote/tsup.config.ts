import { defineLibrary } from "@loom/tsup-config";

export default defineLibrary(["src/index.ts", "src/nats.ts"]);
