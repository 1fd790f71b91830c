export {
  openRecordedRun,
  startTui,
  type RecordedOptions,
  type Tui,
  type TuiExit,
  type TuiOptions,
} from "./start-tui.tsx";
export type { FrameTarget } from "./terminal/frame-target.ts";
export type { Keyboard, Terminal } from "./terminal/terminal.ts";
export type { TuiHost } from "./tui-host.ts";
