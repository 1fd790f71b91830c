import { spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { onTestFinished } from "vitest";

/** A network of its own, with a link to this machine. Gone when the test is over. */
export interface FarNetwork {
  /** This machine's end of the link. It stays, also while the link is down. */
  readonly address: string;
  /** A program with its arguments that becomes one in the network. */
  readonly entry: readonly string[];
  /** Takes the link down: what is sent goes nowhere, and nobody is told. */
  cut(): void;
  /** Brings the link back. */
  mend(): void;
}

/** Makes a network. */
export function makeFarNetwork(): FarNetwork {
  // Names of links have at most 15 characters.
  const name = `loom${randomBytes(5).toString("hex")}`;
  const [near, far] = [`${name}n`, `${name}f`];
  const block = `10.${randomInt(128, 256)}.${randomInt(256)}`;
  const first = randomInt(64) * 4;
  const [address, farAddress] = [`${block}.${first + 1}`, `${block}.${first + 2}`];
  onTestFinished(() => {
    // One end goes with the other.
    spawnSync("ip", ["link", "delete", near]);
    spawnSync("ip", ["netns", "delete", name]);
  });
  ip("netns", "add", name);
  ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name);
  ip("address", "add", `${address}/30`, "dev", near);
  ip("-n", name, "address", "add", `${farAddress}/30`, "dev", far);
  ip("link", "set", near, "up");
  ip("-n", name, "link", "set", "lo", "up");
  const set = (state: "up" | "down"): void => ip("-n", name, "link", "set", far, state);
  set("up");
  return {
    address,
    entry: ["nsenter", `--net=/run/netns/${name}`, "--"],
    cut: () => set("down"),
    mend: () => set("up"),
  };
}

/** Why no network can be made here, if so. */
export function whyNoNetwork(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "needs root on Linux, to make networks";
  for (const program of ["ip", "nsenter"])
    if (spawnSync(program, ["-V"]).status !== 0) return `${program} is not installed`;
  const name = `loom${randomBytes(5).toString("hex")}`;
  const link = `${name}n`;
  try {
    ip("netns", "add", name);
    ip("link", "add", link, "type", "veth", "peer", "name", `${name}f`, "netns", name);
    return undefined;
  } catch {
    return "no networks can be made here";
  } finally {
    spawnSync("ip", ["link", "delete", link]);
    spawnSync("ip", ["netns", "delete", name]);
  }
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")} failed: ${stderr}`);
}
