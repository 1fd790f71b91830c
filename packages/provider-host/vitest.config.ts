import { definePackageTests } from "@loom/vitest-config";
import { mergeConfig } from "vitest/config";

// Its tests inspect their own process's children and descriptors.
export default mergeConfig(definePackageTests(import.meta.dirname), { test: { isolate: true } });
