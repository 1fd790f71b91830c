import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { WAIT } from "./far-project.ts";

/** Three servers on loopback that keep everything together. */
export interface TestCluster {
  /** Where they are, with commas. */
  readonly url: string;
  /** Kills the one that takes what comes for a stream. */
  killLeaderOf(stream: string): Promise<void>;
  /** Kills one that leads neither a stream nor the servers. */
  killFollowerOf(stream: string): Promise<void>;
  stop(): Promise<void>;
}

const SERVERS = ["one", "two", "three"];

/** Starts three servers, and waits until they have found each other. */
export async function startCluster(): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), "loom-nats-"));
  const ports = await freePorts(SERVERS.length * 3);
  const servers = SERVERS.map((name, index) => {
    const [port = 0, , monitor = 0] = ports.slice(index * 3);
    const routes = SERVERS.map((_, other) => `nats://127.0.0.1:${ports[other * 3 + 1]}`);
    const place = [
      "-js",
      "-sd",
      join(folder, name),
      "-a",
      "127.0.0.1",
      "-p",
      String(port),
      "-m",
      String(monitor),
    ];
    const others = ["--cluster_name", "loom", "--cluster", routes[index] ?? "", "--routes", routes.join(",")];
    const child = spawn("nats-server", [...place, "--server_name", name, ...others], { stdio: "ignore" });
    return { name, port, monitor, child, exited: once(child, "exit") };
  });
  const alive = (): typeof servers => servers.filter(({ child }) => child.signalCode === null);
  const stop = async (): Promise<void> => {
    for (const { child } of servers) child.kill("SIGKILL");
    for (const { exited } of servers) await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const { monitor } of servers)
      await expect.poll(async () => (await stateOf(monitor))?.meta_cluster?.leader, WAIT).toBeTruthy();
  } catch (cause) {
    await stop();
    throw cause;
  }
  const leadersOf = async (stream: string): Promise<{ readonly stream: string; readonly all: string }> => {
    const [first] = alive();
    const state = await stateOf(first?.monitor ?? 0);
    const known = state?.account_details?.flatMap(({ stream_detail: streams = [] }) => streams) ?? [];
    const leader = known.find(({ name }) => name === stream)?.cluster?.leader;
    const all = state?.meta_cluster?.leader;
    if (leader === undefined || all === undefined) throw new Error(`No server leads ${stream}`);
    return { stream: leader, all };
  };
  const kill = async (isMeant: (server: string) => boolean): Promise<void> => {
    const server = alive().find(({ name }) => isMeant(name));
    if (server === undefined) throw new Error("No such server");
    server.child.kill("SIGKILL");
    await server.exited;
  };
  return {
    url: servers.map(({ port }) => `nats://127.0.0.1:${port}`).join(","),
    killLeaderOf: async (stream) => {
      const leaders = await leadersOf(stream);
      await kill((name) => name === leaders.stream);
    },
    killFollowerOf: async (stream) => {
      const leaders = await leadersOf(stream);
      await kill((name) => name !== leaders.stream && name !== leaders.all);
    },
    stop,
  };
}

/** What a server says of what it keeps. */
interface ServerState {
  readonly meta_cluster?: { readonly leader?: string };
  readonly account_details?: readonly {
    readonly stream_detail?: readonly {
      readonly name: string;
      readonly cluster?: { readonly leader?: string };
    }[];
  }[];
}

/** Nothing while it does not answer. */
async function stateOf(monitor: number): Promise<ServerState | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${monitor}/jsz?accounts=true&streams=true`);
    return (await answer.json()) as ServerState;
  } catch {
    return undefined;
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
