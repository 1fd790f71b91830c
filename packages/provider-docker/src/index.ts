export { createDockerProvider } from "./docker-provider.ts";
export { askEngine, type AnsweringEngine } from "./engine/ask-engine.ts";
export { removeLeftovers, type RemovedLeftovers, type RemoveLeftoversOptions } from "./remove-leftovers.ts";
export { findEngine, type EngineAddress } from "./engine/find-engine.ts";
