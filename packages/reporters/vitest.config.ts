import { definePackageTests } from "@loom/vitest-config";
import { mergeConfig } from "vitest/config";

// The tests of costs count what the engine runs for the first time.
export default mergeConfig(definePackageTests(import.meta.dirname), { test: { isolate: true } });
