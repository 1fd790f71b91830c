import { canUseCgroups } from "@loom/provider-host";
import { processView, seeByPs, type ProcessView } from "@loom/system";
import type { DoctorFinding } from "./doctor-finding.ts";

/**
 * How surely processes that jobs leave running are ended.
 *
 * @param view - How processes are looked at.
 */
export async function checkCgroups(view: ProcessView = processView()): Promise<DoctorFinding> {
  if (view === "ps" && seeByPs(process.pid) === undefined)
    return {
      state: "warning",
      found:
        "There is no /proc, and ps cannot be run: what a job leaves outside of its process group is not ended, and whether an interrupted run still goes on is not known",
      advice: "Allow ps to be run: a sandbox may forbid it",
    };
  if (view === "ps")
    return {
      state: "note",
      found:
        "There are no control groups here: what a job leaves running is known by its process group, its parents as ps shows them, and LOOM_PROCESS_MARK in its environment",
      advice:
        "Nothing has to be done, unless jobs start daemons: one that hides its environment may outlive its job",
    };
  if (await canUseCgroups())
    return { state: "ok", found: "Each job gets a control group, which ends what it leaves running" };
  return {
    state: "note",
    found:
      "No control group (version 2) can be made here: what a job leaves running is known by its process group, its parents, and LOOM_PROCESS_MARK in its environment",
    advice:
      "Nothing has to be done, unless jobs start daemons that clear their environment: systemd-run --user --scope -p Delegate=yes loom run gives each job a group",
  };
}
