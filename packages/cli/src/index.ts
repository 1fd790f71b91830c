export { openRecordedRun, startTui } from "./start-tui.ts";
export type { RecordedOptions, Tui, TuiExit, TuiOptions } from "./tui-options.ts";
export type { FrameTarget } from "./terminal/frame-target.ts";
export { remapKeys, type KeyMap } from "./keys/remap-keys.ts";
export type { KeyBinding } from "./keys/key-map.ts";
export type { Keyboard, Terminal } from "./terminal/terminal.ts";
export type { TuiHost } from "./tui-host.ts";
