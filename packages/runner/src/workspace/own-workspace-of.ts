import type { GraphNode } from "@loom/core";

/**
 * How a job in a container sees its workspace: as a volume of its own that begins as a copy and is removed with the job, or
 * mounted, so that what it writes is on this machine at once.
 */
export type DockerWorkspaceMount = "ephemeral_volume" | "bind_mount";

/** Unless something else is asked for. */
export const DEFAULT_WORKSPACE_MOUNT: DockerWorkspaceMount = "ephemeral_volume";

/** Whether a job works in a volume. */
export function worksInVolume({ image }: GraphNode, mount: DockerWorkspaceMount): boolean {
  return image !== undefined && mount === "ephemeral_volume";
}

/** Whether a job works apart from others, so that only artifacts pass between them. */
export function hasOwnWorkspace(node: GraphNode, mount: DockerWorkspaceMount): boolean {
  return node.workspace === "own" || worksInVolume(node, mount);
}
