import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Whether this machine has a server. */
export const HAS_NATS_SERVER: boolean = spawnSync("nats-server", ["--version"]).status === 0;

/** A server on this machine. */
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

/**
 * Starts a server on a port that is free. It is gone when the test is over.
 *
 * @param options - For its command line. Default: with JetStream.
 * @param address - Where it listens. Default: loopback.
 */
export async function startNatsServer(options?: readonly string[], address?: string): Promise<NatsServer> {
  const server = await openNatsServer(options, { address });
  onTestFinished(async () => await server.stop());
  return server;
}

/** Where a server listens, and keeps what it is given. */
interface ServerPlace {
  readonly address?: string | undefined;
  readonly folder?: string;
  readonly port?: string;
}

/** Starts a server for several tests. @param options - For its command line. Default: with JetStream. */
export async function openNatsServer(
  options: readonly string[] = ["-js"],
  {
    address = "127.0.0.1",
    folder = mkdtempSync(join(tmpdir(), "loom-nats-")),
    port: wanted = "-1",
  }: ServerPlace = {},
): Promise<OpenNatsServer> {
  const place = ["-sd", folder, "-a", address, "-p", wanted];
  const server = spawn("nats-server", [...options, ...place], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  const kill = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
  };
  let said = "";
  for await (const text of server.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += String(text);
    const port = /client connections on [\d.]+:(\d+)/u.exec(said)?.[1];
    if (port !== undefined && said.includes("Server is ready")) {
      server.stderr.resume();
      return {
        url: `nats://${address}:${port}`,
        folder,
        stop: async () => {
          await kill();
          rmSync(folder, { recursive: true, force: true });
        },
        restart: async () => {
          await kill();
          return await openNatsServer(options, { address, folder, port });
        },
      };
    }
  }
  throw new Error(`nats-server did not start: ${said}`);
}
