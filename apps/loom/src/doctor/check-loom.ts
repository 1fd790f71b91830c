import { LOOM_VERSION } from "../loom-version.ts";
import type { DoctorFinding } from "./doctor-finding.ts";

/** Which Loom and which Node this is. An older Node does not get here: the program refuses it when it starts. */
export function checkLoom(): DoctorFinding {
  const { versions, platform, arch, execPath } = process;
  return {
    state: "ok",
    found: `Loom ${LOOM_VERSION} runs on Node ${versions.node} for ${platform} ${arch}, at ${execPath}`,
  };
}
