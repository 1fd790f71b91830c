import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether this machine has a server. */
export const HAS_NATS_SERVER: boolean = spawnSync("nats-server", ["--version"]).status === 0;

/** A server of its own, on loopback. */
export interface TestServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Kills it, and starts it again with what it has on disk. */
  readonly restart: () => Promise<TestServer>;
}

/** Starts a server on a port that is free. @param options - For its command line. Default: with JetStream. */
export async function startNatsServer(
  options: readonly string[] = ["-js"],
  folder: string = mkdtempSync(join(tmpdir(), "loom-nats-")),
  wanted = "-1",
): Promise<TestServer> {
  const child = spawn("nats-server", [...options, "-sd", folder, "-a", "127.0.0.1", "-p", wanted], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    child.emit("said");
  });
  child.once("exit", () => child.emit("said"));
  let port: string | undefined;
  while (port === undefined && child.exitCode === null) {
    await once(child, "said");
    if (said.includes("Server is ready")) port = /client connections on 127\.0\.0\.1:(\d+)/u.exec(said)?.[1];
  }
  if (port === undefined) throw new Error(`nats-server did not start: ${said}`);
  const kill = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await kill();
      return await startNatsServer(options, folder, port);
    },
  };
}
