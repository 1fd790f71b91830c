export { createDockerProvider } from "./docker-provider.ts";
export { askEngine, type AnsweringEngine } from "./engine/ask-engine.ts";
export {
  removeEngineLeftovers,
  type RemovedEngineLeftovers,
  type RemoveEngineLeftoversOptions,
} from "./remove-engine-leftovers.ts";
export { findEngine, type EngineAddress } from "./engine/find-engine.ts";
