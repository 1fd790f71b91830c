export type { ContractCase } from "./contract-case.ts";
export type { ExchangeUnderTest } from "./exchange/exchange-case.ts";
export { exchangeContract } from "./exchange/exchange-contract.ts";
export { buildJobSpec, type JobSpecParts } from "./provider/build-job-spec.ts";
export { CollectedOutput } from "./provider/collected-output.ts";
export { providerContract, type ProviderUnderTest } from "./provider/provider-contract.ts";
export { SHELL_SCRIPTS, type ProviderScripts } from "./provider/provider-scripts.ts";
export {
  createRecordingLog,
  createRecordingSections,
  type RecordedLog,
  type RecordedSection,
  type RecordingLog,
  type RecordingSections,
} from "./provider/recording-sections.ts";
export { createStopSwitch, type StopSwitch } from "./provider/stop-switch.ts";
export { reporterContract, type ReporterOutput } from "./reporter/reporter-contract.ts";
export { FAILING_GRAPH, FAILING_OUTCOME, playFailure } from "./scripted/failing-run.ts";
export { graphOf } from "./scripted/graph-of.ts";
export {
  batchOf,
  graphNode,
  LOGS_DIR,
  PlayedRun,
  RECEIPT_PATH,
  type ScriptedEnd,
} from "./scripted/played-run.ts";
export { sharedLogContract, type SharedLogUnderTest } from "./shared-log/shared-log-contract.ts";
