import { definePackageTests } from "@loom/vitest-config";

export default definePackageTests(import.meta.dirname, { mutantHangsAfterMs: 2000 });
