export { canUseCgroups } from "./cgroup/can-use-cgroups.ts";
export { findShell } from "./find-shell.ts";
export { createHostProvider, type HostProviderOptions } from "./host-provider.ts";
