import { existsSync, lstatSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { userInfo } from "node:os";
import { createInterface } from "node:readline";
import { err, ok, type Result } from "@loom/core";
import { errnoCode, systemErrorReason } from "@loom/system";
import { CONTROL_VERSION, type ControlError, type ControlRequest, type Requester } from "./protocol.ts";
import { withSocketPath } from "./socket-path.ts";

/** How a run is reached. */
export interface ReachOptions {
  /** Milliseconds to wait for a run that has just begun, and listens soon. Default: 0. */
  readonly waitMs?: number | undefined;
}

const POLL_MS = 20;

/** How long an answer may take. Unit: milliseconds. */
const PATIENCE_MS = 5000;

/**
 * Asks a run one thing.
 *
 * @param path - The socket of the run. Absolute.
 * @returns What it replied, without `ok`; its refusal; or `RUN_UNREACHABLE` when nobody listens there.
 */
export async function askRun(
  path: string,
  request: Exclude<ControlRequest, { readonly request: "events" }>,
  options: ReachOptions = {},
): Promise<Result<Readonly<Record<string, unknown>>, ControlError>> {
  const connected = await reach(path, options);
  if (!connected.ok) return connected;
  const socket = connected.value;
  try {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.write(`${JSON.stringify({ ...request, version: CONTROL_VERSION })}\n`);
    for await (const line of createInterface({ input: socket })) {
      const { ok: isOk, error, ...reply } = JSON.parse(line) as Record<string, unknown>;
      return isOk === true ? ok(reply) : err(error as ControlError);
    }
    return err(unreachableRun("it closed the connection without a reply"));
  } catch (cause) {
    return err(unreachableRun(systemErrorReason(cause)));
  } finally {
    socket.destroy();
  }
}

/**
 * The records of a run from a `seq` on, in order, then those that come, until the run is over.
 *
 * @param path - The socket of the run. Absolute.
 * @returns Each as one line of JSON; `RUN_UNREACHABLE` when nobody listens there.
 */
export async function followRun(
  path: string,
  { from = 1, ...options }: ReachOptions & { readonly from?: number | undefined } = {},
): Promise<Result<AsyncIterable<string>, ControlError>> {
  const connected = await reach(path, options);
  if (!connected.ok) return connected;
  const socket = connected.value;
  socket.write(`${JSON.stringify({ request: "events", from })}\n`);
  return ok(createInterface({ input: socket }));
}

/** Who this process is, for the record of what it asks. */
export function thisRequester(): Requester {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    // Nobody has told the system the name of this user, as in a container.
    user = String(process.getuid?.() ?? "unknown");
  }
  return { pid: process.pid, user };
}

async function reach(path: string, { waitMs = 0 }: ReachOptions): Promise<Result<Socket, ControlError>> {
  const triesAgain = waitMs / POLL_MS;
  for (let tried = 0; ; tried += 1) {
    const reached = await connectTo(path);
    if (reached.ok || tried >= triesAgain || existsSync(path)) return reached;
    await new Promise((resolve) => void setTimeout(resolve, POLL_MS));
  }
}

async function connectTo(path: string): Promise<Result<Socket, ControlError>> {
  try {
    // What lies in a repository may lead anywhere.
    const facts = lstatSync(path);
    const user = process.getuid?.();
    if (!facts.isSocket() || (user !== 0 && facts.uid !== user))
      return err(unreachableRun("it is not a socket of this user"));
    return ok(
      await new Promise<Socket>((resolve, reject) => {
        const socket = withSocketPath(path, (short) => connect(short));
        socket.once("error", reject);
        socket.once("connect", () => {
          socket.off("error", reject);
          socket.on("error", () => socket.destroy());
          resolve(socket);
        });
      }),
    );
  } catch (cause) {
    if (errnoCode(cause) === undefined) throw cause;
    return err(unreachableRun(systemErrorReason(cause)));
  }
}

function unreachableRun(why: string): ControlError {
  return { code: "RUN_UNREACHABLE", message: `The run cannot be asked: ${why}` };
}
