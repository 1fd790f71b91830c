import { canUseCgroups } from "@loom/provider-host";
import type { DoctorFinding } from "./doctor-finding.ts";

/** How surely processes that jobs leave running are ended. */
export async function checkCgroups(): Promise<DoctorFinding> {
  if (await canUseCgroups())
    return { state: "ok", found: "Each job gets a control group, which ends what it leaves running" };
  if (process.platform !== "linux")
    return {
      state: "note",
      found:
        "This system has no control groups: what a job leaves running is known by its process group, and by LOOM_PROCESS_MARK in its environment",
      advice: "Nothing has to be done, unless jobs start daemons that clear their environment",
    };
  return {
    state: "note",
    found:
      "No control group (version 2) can be made here: what a job leaves running is known by its process group, its parents, and LOOM_PROCESS_MARK in its environment",
    advice:
      "Nothing has to be done, unless jobs start daemons that clear their environment: systemd-run --user --scope -p Delegate=yes loom run gives each job a group",
  };
}
