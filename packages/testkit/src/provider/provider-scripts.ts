import type { ProviderScripts } from "@loom/contract-suites";

/** The behaviours in the language of `createMemoryProvider`. */
export const MEMORY_SCRIPTS: ProviderScripts = {
  exit: (code) => `exit ${code}`,
  raise: (signal) => `raise ${signal}`,
  print: (text, stream) => `print ${stream} ${text}`,
  count: (last) => `count ${last}`,
  countStdin: () => "count-stdin",
  printFolder: () => "print-folder",
  printVariable: (name) => `print-variable ${name}`,
  setVariable: (name, value) => `set-variable ${name} ${value}`,
  writeFile: (name, text) => `write-file ${name} ${text}`,
  makeFolder: (name) => `make-folder ${name}`,
  readFile: (name) => `read-file ${name}`,
  fail: () => "fail",
  wait: () => "wait",
  waitStubbornly: () => "wait-stubbornly",
  leaveBehind: () => "leave-behind",
};
