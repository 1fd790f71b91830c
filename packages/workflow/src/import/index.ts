export { MAX_FILE_BYTES as MAX_IMPORT_BYTES } from "../limits.ts";
export {
  importWorkflow,
  type ImportedWorkflow,
  type ImportRefusal,
  type ImportSource,
} from "./import-workflow.ts";
export type { ImportNote } from "./import-notes.ts";
export type { PipelineKind } from "./pipeline-kind.ts";
