export {
  CONTROL_VERSION,
  parseRequest,
  type ControlAction,
  type ControlError,
  type ControlErrorCode,
  type ControlRequest,
  type Requester,
  type ShellRequest,
} from "./protocol.ts";
export { askRun, followRun, thisRequester, type ReachOptions } from "./control-client.ts";
export { openControlServer, type ControlledRun, type ControlServer } from "./control-server.ts";
