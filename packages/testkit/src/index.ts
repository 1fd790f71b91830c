export { brokenRules } from "./broken-rules.ts";
export { countBlocks } from "./count-blocks.ts";
export { arbitraryDamage, damageFile, type Damage } from "./files/damage.ts";
export { temporaryDirectory } from "./files/temporary-directory.ts";
export { FakeClock } from "./fake-clock.ts";
export {
  createRecordingSink,
  streamName,
  type Recorded,
  type RecordedLine,
  type RecordingSink,
} from "./recording-sink.ts";
export { describeProvider } from "./provider/describe-provider.ts";
export {
  createMemoryProvider,
  type MemoryProvider,
  type MemoryProviderOptions,
} from "./provider/memory-provider.ts";
export { MEMORY_SCRIPTS } from "./provider/provider-scripts.ts";
export {
  ScriptedProvider,
  type Invocation,
  type ScriptedProviderOptions,
} from "./provider/scripted-provider.ts";
export { describeReporter } from "./reporter/describe-reporter.ts";
export { JudgedSink } from "./scripted/judged-sink.ts";
export {
  PLAY_STARTED_MS,
  playRun,
  type PlayedRecord,
  type PlayParts,
  type RunPlay,
  type StepPlay,
} from "./scripted/play-run.ts";
export { ScriptedRun } from "./scripted/scripted-run.ts";
export {
  batchOf,
  buildJobSpec,
  CollectedOutput,
  createRecordingLog,
  createRecordingSections,
  createStopSwitch,
  FAILING_GRAPH,
  FAILING_OUTCOME,
  graphNode,
  graphOf,
  LOGS_DIR,
  PlayedRun,
  playFailure,
  RECEIPT_PATH,
  SHELL_SCRIPTS,
  type JobSpecParts,
  type ProviderScripts,
  type ProviderUnderTest,
  type RecordedLog,
  type RecordedSection,
  type RecordingLog,
  type RecordingSections,
  type ScriptedEnd,
  type StopSwitch,
} from "@loom/contract-suites";
export { createNaiveSchedule, naiveRemainingPaths } from "./schedule/naive-schedule.ts";
export { textOfOutput } from "./text-of-output.ts";
export { describeSharedLog } from "./shared-log/describe-shared-log.ts";
export { MemoryLog, type LogTrouble } from "./shared-log/memory-log.ts";
export { describeExchange } from "./exchange/describe-exchange.ts";
export { MemoryExchange, type MemoryExchangeParts } from "./exchange/memory-exchange.ts";
