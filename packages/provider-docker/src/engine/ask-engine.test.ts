import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { askEngine } from "./ask-engine.ts";

/** Where a server listens that answers so. */
async function engineThat(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("askEngine() returns the name of an engine and where it is", async () => {
  const url = await engineThat((_, response) => {
    const version = { Version: "28.1.0", Components: [{ Name: "Engine" }] };
    response.setHeader("content-type", "application/json").end(JSON.stringify(version));
  });
  expect(await askEngine({ DOCKER_HOST: url })).toEqual({
    ok: true,
    value: { address: { url, from: "DOCKER_HOST" }, name: "Docker Engine 28.1.0" },
  });
});

test("askEngine() leaves an engine that does not answer in time, and the connection to it", async () => {
  let closed = false;
  const url = await engineThat((request) => void request.on("close", () => (closed = true)));
  expect(await askEngine({ DOCKER_HOST: url }, 50)).toMatchObject({
    ok: false,
    error: { code: "engine_unreachable", message: expect.stringContaining("does not answer") as string },
  });
  await expect.poll(() => closed).toBe(true);
});
