export { createDockerProvider } from "./docker-provider.ts";
export { findEngine, type EngineAddress } from "./engine/find-engine.ts";
