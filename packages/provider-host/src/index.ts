export { createHostProvider, type HostProviderOptions } from "./host-provider.ts";
