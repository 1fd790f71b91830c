import { definePackageTests } from "@loom/vitest-config";

export default definePackageTests(undefined, 2000);
