export { createHostProvider, type HostProviderOptions } from "./host-provider.ts";
export { endStrayProcesses, type StraySweepOptions } from "./strays/end-stray-processes.ts";
