export {
  chooseWorkspace,
  chooseWorkspaceMount,
  MOUNT_VARIABLE,
  WORKSPACE_MOUNTS,
  type WorkspaceKind,
} from "./choose-workspace.ts";
export { chooseEngine, ENGINE_VARIABLE, type EnginePlace } from "./choose-engine.ts";
export { configPaths } from "./config-paths.ts";
export { findSetting, type ConfigPlace, type FoundSetting } from "./find-setting.ts";
export { loadConfig } from "./load-config.ts";
export type { Config } from "./read-config.ts";
