import { createMemoryProvider } from "./memory-provider.ts";
import { describeProvider } from "./describe-provider.ts";
import { MEMORY_SCRIPTS } from "./provider-scripts.ts";

describeProvider("createMemoryProvider()", () => {
  const provider = createMemoryProvider();
  return {
    provider,
    workspaceRoot: "/workspace",
    missingRoot: "/nowhere",
    scripts: MEMORY_SCRIPTS,
    isRunning: (pid) => provider.isRunning(pid),
  };
});
