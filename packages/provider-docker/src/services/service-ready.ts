import { connect } from "node:net";
import type Docker from "dockerode";
import { readExec } from "../run-exec.ts";
import { listeningPorts, SOCKETS_SCRIPT } from "./listening-ports.ts";

/** How often a service is looked at. Milliseconds. */
const LOOK_EVERY_MS = 100;

/** How long one attempt to connect may take. Milliseconds. */
const CONNECT_MS = 1_000;

/** What became of a service that is waited for. */
export type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "ended"; readonly exitCode: number }
  | { readonly kind: "unhealthy" }
  | { readonly kind: "late" }
  | { readonly kind: "stopped" };

/**
 * Waits for a service: until its healthcheck says that it is healthy or, without one, until its first exposed port takes
 * connections. One with neither is ready once it runs.
 */
export async function waitForService(
  container: Docker.Container,
  { timeoutMs, stop }: { readonly timeoutMs: number; readonly stop: AbortSignal },
): Promise<Readiness> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    if (stop.aborted) return { kind: "stopped" };
    const seen = await container.inspect();
    if (!seen.State.Running) return { kind: "ended", exitCode: seen.State.ExitCode };
    const health = seen.State.Health?.Status;
    if (health === "healthy") return { kind: "ready" };
    if (health === "unhealthy") return { kind: "unhealthy" };
    if (health !== "starting" && (await takesConnections(container, seen))) return { kind: "ready" };
    if (performance.now() > until) return { kind: "late" };
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function takesConnections(
  container: Docker.Container,
  seen: Docker.ContainerInspectInfo,
): Promise<boolean> {
  const port = firstPort(seen);
  if (port === undefined) return true;
  const sockets = await readExec(container, {
    command: ["sh", "-c", SOCKETS_SCRIPT],
    user: "0:0",
  }).catch(() => "");
  // An image without a shell or without `cat` prints nothing.
  if (sockets !== "") return listeningPorts(sockets).has(port);
  const [network] = Object.values(seen.NetworkSettings.Networks);
  return network !== undefined && (await connects(network.IPAddress, port));
}

/** The lowest TCP port that the image exposes. */
function firstPort({ Config: { ExposedPorts: exposed } }: Docker.ContainerInspectInfo): number | undefined {
  const ports = Object.keys((exposed as Record<string, object> | undefined) ?? {})
    .filter((port) => port.endsWith("/tcp"))
    .map((port) => Number.parseInt(port, 10));
  return ports.length === 0 ? undefined : Math.min(...ports);
}

async function connects(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (connected: boolean) => () => {
      socket.destroy();
      resolve(connected);
    };
    socket.once("connect", end(true));
    socket.once("error", end(false));
    socket.once("timeout", end(false));
  });
}
