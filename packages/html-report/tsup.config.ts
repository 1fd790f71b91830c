import { defineLibrary, embedPage } from "@loom/tsup-config";

export default defineLibrary(["src/index.ts", "src/page-bundle.ts"], [embedPage()]);
