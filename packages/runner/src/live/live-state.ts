import { controlSocketPath, type RunReader } from "@loom/artifacts";
import { askRun } from "@loom/control";
import { followRecords } from "@loom/diagnosis";
import { runState, ViewModel, type RunState } from "@loom/reporters/state";

/**
 * The state of a run that goes on: what the run itself says, or what its
 * evidence does where it cannot be asked.
 */
export async function liveState(run: RunReader): Promise<RunState> {
  const socket = controlSocketPath(run.directory);
  const asked = socket === undefined ? undefined : await askRun(socket, { request: "state" });
  // Another version of Loom may run it; the kind says whose words these are.
  if (asked?.ok === true) return asked.value["state"] as RunState;
  const model = new ViewModel();
  for await (const { stream, record } of followRecords(run, { isAlive: () => false, pollMs: 1 }))
    model.record(stream, record);
  return runState(model);
}
