export { createHostProvider, type HostProvider, type HostProviderOptions } from "./host-provider.ts";
export { endStrayProcesses, type StraySweepOptions } from "./strays/end-stray-processes.ts";
export { startDeathWatch, type DeathWatch, type DeathWatchOptions } from "./death/start-death-watch.ts";
export { removeLeftPipes } from "./output/pipe-folder.ts";
