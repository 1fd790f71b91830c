export { simulate } from "./simulate.ts";
export { tellStory } from "./story/tell-story.ts";
export { writeImage } from "./crash/write-image.ts";
export type { Complaint, OutsideEvent, RunEnding, SimulationRun } from "./simulated-run.ts";
