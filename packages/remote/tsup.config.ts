import { defineLibrary } from "@loom/tsup-config";

export default defineLibrary();
