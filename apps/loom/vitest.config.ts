import { definePackageTests } from "@loom/vitest-config";

export default definePackageTests(["src/**/*.test.ts", "e2e/**/*.test.ts"]);
