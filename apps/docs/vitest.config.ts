import { definePackageTests } from "@loom/vitest-config";

export default definePackageTests(import.meta.dirname);
