import { err, ok, type EventError, type Result } from "@loom/core";
import type { DockerWorkspaceMount } from "../workspace/own-workspace-of.ts";
import { findSetting, type ConfigPlace } from "./find-setting.ts";

/** Where jobs work. */
export type WorkspaceKind = "isolated" | "staged" | "in-place";

/** Words of `LOOM_IN_PLACE`. */
const WORDS: Readonly<Record<string, WorkspaceKind>> = {
  "1": "in-place",
  true: "in-place",
  "0": "isolated",
  false: "isolated",
};

/**
 * Decides where the jobs of a run work: by a flag, else by `LOOM_IN_PLACE`,
 * else by the configuration of the project, else by that of the user, else in
 * a snapshot.
 *
 * @returns `CONFIG_INVALID` when something says what cannot be understood, `FLAGS_EXCLUDE` when two flags contradict each other.
 */
export async function chooseWorkspace(
  flags: { readonly inPlace?: boolean; readonly staged?: boolean },
  place: ConfigPlace,
): Promise<Result<WorkspaceKind, EventError>> {
  if (flags.inPlace === true && flags.staged === true) {
    const message =
      "Cannot run with both --staged and --in-place: what is staged can differ from what is in the checkout. Leave out one of them";
    return err({ code: "FLAGS_EXCLUDE", message });
  }
  if (flags.staged === true) return ok("staged");
  if (flags.inPlace === true) return ok("in-place");
  const word = place.env["LOOM_IN_PLACE"] ?? "";
  if (word !== "") {
    const kind = WORDS[word.toLowerCase()];
    const message = `Cannot understand LOOM_IN_PLACE="${word}": set it to 1 to work in the checkout itself, or to 0`;
    return kind === undefined ? err({ code: "CONFIG_INVALID", message }) : ok(kind);
  }
  const found = await findSetting(place, ({ runtime }) => runtime?.workspace);
  return found.ok ? ok(found.value?.value ?? "isolated") : found;
}

/** How jobs in containers may see their workspace, the default first. */
export const WORKSPACE_MOUNTS: readonly DockerWorkspaceMount[] = ["ephemeral_volume", "bind_mount"];

/** The variable that chooses one of them for a run. */
export const MOUNT_VARIABLE = "LOOM_DOCKER_WORKSPACE_MOUNT";

/**
 * Decides how jobs in containers see their workspace: by a flag, else by `LOOM_DOCKER_WORKSPACE_MOUNT`, else by the
 * configuration of the project, else by that of the user.
 *
 * @returns `undefined` when nothing says it; `CONFIG_INVALID` when something says what cannot be understood.
 */
export async function chooseWorkspaceMount(
  flag: string | undefined,
  place: ConfigPlace,
): Promise<Result<DockerWorkspaceMount | undefined, EventError>> {
  const variable = place.env[MOUNT_VARIABLE] ?? "";
  const word = flag ?? variable;
  if (flag !== undefined || word !== "") {
    const mount = WORKSPACE_MOUNTS.find((each) => each === word);
    const by = flag === undefined ? `${MOUNT_VARIABLE}="${word}"` : `--docker-workspace-mount "${word}"`;
    const message = `Cannot understand ${by}: set it to ${WORKSPACE_MOUNTS.join(" or ")}`;
    return mount === undefined ? err({ code: "CONFIG_INVALID", message }) : ok(mount);
  }
  const found = await findSetting(place, ({ runtime }) => runtime?.docker_workspace_mount);
  return found.ok ? ok(found.value?.value) : found;
}
