export { startTui, type Tui, type TuiOptions } from "./start-tui.tsx";
export type { Keyboard, Terminal } from "./terminal/terminal.ts";
