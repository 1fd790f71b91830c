import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Whether this machine has a server. */
export const HAS_NATS_SERVER: boolean = spawnSync("nats-server", ["--version"]).status === 0;

/** A server of one test, on loopback. */
export interface NatsServer {
  readonly url: string;
  /** Where it keeps what it is given. */
  readonly folder: string;
}

/** Starts a server on a port that is free. It is gone when the test is over. @param options - For its command line. Default: with JetStream. */
export async function startNatsServer(options: readonly string[] = ["-js"]): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), "loom-nats-"));
  const place = ["-sd", folder, "-a", "127.0.0.1", "-p", "-1"];
  const server = spawn("nats-server", [...options, ...place], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(server, "exit");
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  let said = "";
  for await (const text of server.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += String(text);
    const port = /client connections on 127\.0\.0\.1:(\d+)/u.exec(said)?.[1];
    if (port !== undefined && said.includes("Server is ready")) {
      server.stderr.resume();
      return { url: `nats://127.0.0.1:${port}`, folder };
    }
  }
  throw new Error(`nats-server did not start: ${said}`);
}
