import { definePackageTests } from "@loom/vitest-config";
import { mergeConfig } from "vitest/config";

// Its tests look at the children and the descriptors of their own process.
export default mergeConfig(definePackageTests(), { test: { isolate: true } });
