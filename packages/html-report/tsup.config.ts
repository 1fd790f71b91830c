import { defineLibrary, embedPage } from "@loom/tsup-config";

export default defineLibrary(["src/index.ts"], [embedPage()]);
