import { mkdirSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { withSocketPath } from "./socket-path.ts";

const VIEWS = process.platform === "linux" ? (["proc", "ps"] as const) : (["ps"] as const);

test.for(VIEWS)("withSocketPath() makes and finds a socket with a long path (%s)", async (view) => {
  const folder = join(temporaryDirectory(), "long".repeat(40));
  mkdirSync(folder);
  const path = join(folder, "run.sock");
  const server = createServer((socket) => socket.end("hello"));
  await new Promise<void>((resolve) => {
    server.once("listening", resolve);
    withSocketPath(path, (short) => server.listen(short), view);
  });
  expect(readdirSync(folder)).toEqual(["run.sock"]);
  const socket = withSocketPath(path, (short) => connect(short), view);
  const said: string[] = [];
  for await (const chunk of socket) said.push(String(chunk));
  expect(said.join("")).toBe("hello");
  server.close();
});

test("withSocketPath() leaves a short path as it is, and nothing behind a failure", () => {
  expect(withSocketPath("/tmp/a.sock", (path) => path, "ps")).toBe("/tmp/a.sock");
  const long = join("/tmp", "long".repeat(40), "run.sock");
  const seen: string[] = [];
  const failing = (path: string): never => {
    seen.push(path);
    throw new Error("no");
  };
  expect(() => withSocketPath(long, failing, "ps")).toThrow("no");
  expect(seen[0]).toMatch(/^\/tmp\/loom-\w{6}\/d\/run\.sock$/u);
  expect(readdirSync("/tmp")).not.toContain(seen[0]?.split("/")[2]);
});
