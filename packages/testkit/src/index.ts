export { brokenRules } from "./broken-rules.ts";
export { countBlocks } from "./count-blocks.ts";
export { arbitraryDamage, damageFile, type Damage } from "./files/damage.ts";
export { temporaryDirectory } from "./files/temporary-directory.ts";
export { graphOf } from "./graph/graph-of.ts";
export { FakeClock } from "./fake-clock.ts";
export {
  createRecordingSink,
  streamName,
  type Recorded,
  type RecordedLine,
  type RecordingSink,
} from "./recording-sink.ts";
export { buildJobSpec, type JobSpecParts } from "./provider/build-job-spec.ts";
export { CollectedOutput } from "./provider/collected-output.ts";
export { describeProvider, type ProviderUnderTest } from "./provider/describe-provider.ts";
export {
  createMemoryProvider,
  type MemoryProvider,
  type MemoryProviderOptions,
} from "./provider/memory-provider.ts";
export { MEMORY_SCRIPTS, SHELL_SCRIPTS, type ProviderScripts } from "./provider/provider-scripts.ts";
export {
  createRecordingLog,
  createRecordingSections,
  type RecordedLog,
  type RecordedSection,
  type RecordingLog,
  type RecordingSections,
} from "./provider/recording-sections.ts";
export {
  ScriptedProvider,
  type Invocation,
  type ScriptedProviderOptions,
} from "./provider/scripted-provider.ts";
export { createStopSwitch, type StopSwitch } from "./provider/stop-switch.ts";
export { JudgedSink } from "./scripted/judged-sink.ts";
export { FAILING_GRAPH, FAILING_OUTCOME, playFailure } from "./scripted/scripted-failure.ts";
export {
  batchOf,
  graphNode,
  LOGS_DIR,
  RECEIPT_PATH,
  ScriptedRun,
  type ScriptedEnd,
} from "./scripted/scripted-run.ts";
