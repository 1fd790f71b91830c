export { createSchedule } from "./create-schedule.ts";
export { remainingPaths } from "./remaining-paths.ts";
