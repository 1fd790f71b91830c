import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Whether this machine has a server. */
export const HAS_NATS_SERVER: boolean = spawnSync("nats-server", ["--version"]).status === 0;

/** A server on loopback. */
export interface NatsServer {
  readonly url: string;
  /** Where it keeps what it is given. */
  readonly folder: string;
}

/** A server that is there until it is stopped. */
export interface OpenNatsServer extends NatsServer {
  /** Kills it, and removes what it keeps. */
  stop(): Promise<void>;
  /** Kills it, and starts it again with what it keeps. */
  restart(): Promise<OpenNatsServer>;
}

/** Starts a server on a port that is free. It is gone when the test is over. @param options - For its command line. Default: with JetStream. */
export async function startNatsServer(options?: readonly string[]): Promise<NatsServer> {
  const server = await openNatsServer(options);
  onTestFinished(async () => await server.stop());
  return server;
}

/** Starts a server for several tests. @param options - For its command line. Default: with JetStream. */
export async function openNatsServer(
  options: readonly string[] = ["-js"],
  folder: string = mkdtempSync(join(tmpdir(), "loom-nats-")),
  wanted = "-1",
): Promise<OpenNatsServer> {
  const place = ["-sd", folder, "-a", "127.0.0.1", "-p", wanted];
  const server = spawn("nats-server", [...options, ...place], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  const kill = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
  };
  let said = "";
  for await (const text of server.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += String(text);
    const port = /client connections on 127\.0\.0\.1:(\d+)/u.exec(said)?.[1];
    if (port !== undefined && said.includes("Server is ready")) {
      server.stderr.resume();
      return {
        url: `nats://127.0.0.1:${port}`,
        folder,
        stop: async () => {
          await kill();
          rmSync(folder, { recursive: true, force: true });
        },
        restart: async () => {
          await kill();
          return await openNatsServer(options, folder, port);
        },
      };
    }
  }
  throw new Error(`nats-server did not start: ${said}`);
}
