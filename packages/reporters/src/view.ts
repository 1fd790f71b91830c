export { closingLines } from "./report/closing-lines.ts";
export { BlockedJobs, endedJobLine, nameColumn } from "./report/job-lines.ts";
export { textStyle, type TextStyle } from "./report/text-style.ts";
export { failureWord, unitEventsPath, unitLabel, unitTitle } from "./report/unit-label.ts";
export { isNarrow, isPlainAscii } from "./text/cell-width.ts";
export { cleanLine, type CleanOptions } from "./text/clean-line.ts";
export { fitName, fitRow, rowWidth, wrapRow } from "./text/fit-row.ts";
export { createPalette, type Palette, type PaletteMode, type Tone } from "./text/palette.ts";
export {
  countKey,
  endedCount,
  noJobs,
  selectedCount,
  type CountKey,
  type MutableCounts,
} from "./view/job-counts.ts";
export type {
  CacheCounts,
  FailureView,
  JobTally,
  JobUnit,
  JobView,
  RunningJobView,
  RunView,
  StageView,
  StepUnit,
  UnitView,
  WorkspaceView,
} from "./view/run-view.ts";
export { runState, type JobStateRow, type RunState, type RunStateCounts } from "./view/run-state.ts";
export { ViewModel } from "./view/view-model.ts";
