import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_NATS_SERVER, startNatsServer, type TestServer } from "../../test/nats-server.ts";
import { openNatsExchange, type NatsExchange } from "./nats-exchange.ts";
import type { NatsPlace } from "./nats-place.ts";

const NEVER = new AbortController().signal;

/** An exchange of a server that can be killed and started again. */
async function own(
  place: Partial<NatsPlace> = {},
): Promise<{ readonly exchange: NatsExchange; readonly url: string; readonly restart: () => Promise<void> }> {
  let server: TestServer = await startNatsServer();
  const { url } = server;
  const exchange = await openNatsExchange({ servers: [url], ...place });
  onTestFinished(async () => {
    await exchange.close();
    await server.stop();
  });
  return {
    exchange,
    url,
    restart: async () => {
      server = await server.restart();
      // What is said before the connection is there again gets lost, and is said again after five seconds.
      await new Promise((resolve) => void setTimeout(resolve, 500));
    },
  };
}

/** What does not arrive while a server is away is said again, as whoever uses an exchange does. */
async function untilDone<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => void setTimeout(resolve, 50));
    }
  }
}

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  test("who waits for work gets it from a server that died and came back", async () => {
    const { exchange, restart } = await own();
    const waiting = exchange.queue.take("linux", NEVER);
    await new Promise((resolve) => void setTimeout(resolve, 100));
    await restart();
    await untilDone(async () => await exchange.queue.offer("linux", "1", Buffer.from("work")));
    const work = await waiting;
    expect(work).toMatchObject({ data: Buffer.from("work"), earlierTakers: 0 });
    await work?.finish();
  });

  test("work that is offered and leases that are held outlive a server, and who took work can finish it", async () => {
    const { exchange, restart } = await own();
    const { queue, leases } = exchange;
    for (const id of ["1", "2"]) await queue.offer("linux", id, Buffer.from(id));
    const first = await queue.take("linux", NEVER);
    await leases.hold("workers.a", Buffer.from("a"));
    await restart();
    expect(await untilDone(async () => [...(await leases.list("workers.")).keys()])).toEqual(["workers.a"]);
    await untilDone(async () => await leases.hold("workers.b", Buffer.from("b")));
    expect([...(await leases.list("workers.")).keys()]).toEqual(["workers.a", "workers.b"]);
    await untilDone(async () => await first?.finish());
    const second = await queue.take("linux", NEVER);
    expect(second?.data).toEqual(Buffer.from("2"));
    await second?.finish();
  });

  test("leases run out while a server is away, too", async () => {
    const { exchange, restart } = await own({ leaseTtlMs: 300 });
    await exchange.leases.hold("workers.a", Buffer.from("a"));
    await restart();
    await new Promise((resolve) => void setTimeout(resolve, 400));
    expect(await untilDone(async () => [...(await exchange.leases.list("workers."))])).toEqual([]);
  });

  test("a taker ends at once that is stopped while the server is away", async () => {
    const { exchange, restart } = await own();
    const stop = new AbortController();
    const waiting = exchange.queue.take("linux", stop.signal);
    await new Promise((resolve) => void setTimeout(resolve, 100));
    const back = restart();
    stop.abort();
    expect(await waiting).toBeUndefined();
    await back;
  });

  test("who waits for work when the exchange is closed is told", async () => {
    const { exchange } = await own();
    const waiting = exchange.queue.take("linux", NEVER);
    await new Promise((resolve) => void setTimeout(resolve, 50));
    await exchange.close();
    await expect(waiting).rejects.toThrow("closed");
  });

  test("uses what is there as it was made, and says its times", async () => {
    const { exchange, url } = await own({ silentAfterMs: 700, leaseTtlMs: 900 });
    await exchange.queue.offer("linux", "1", Buffer.from("work"));
    await (await exchange.queue.take("linux", NEVER))?.finish();
    const later = await openNatsExchange({ servers: [url], silentAfterMs: 5_000, leaseTtlMs: 6_000 });
    await later.queue.offer("linux", "2", Buffer.from("more work"));
    const work = await later.queue.take("linux", NEVER);
    expect([work?.silentAfterMs, later.leases.ttlMs]).toEqual([700, 900]);
    await later.close();
  });

  test("keeps exchanges with other names apart on one server", async () => {
    const { exchange, url } = await own();
    const other = await openNatsExchange({ servers: [url], prefix: "OTHER" });
    await other.queue.offer("linux", "1", Buffer.from("theirs"));
    await exchange.queue.offer("linux", "1", Buffer.from("ours"));
    expect((await exchange.queue.take("linux", NEVER))?.data).toEqual(Buffer.from("ours"));
    await other.close();
  });

  test("counts a content in the second half of its time as gone, so that it is put again", async () => {
    const { exchange } = await own({ keptMs: 2_000 });
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, "content");
    await exchange.blobs.put("a", path);
    expect(await exchange.blobs.has("a")).toBe(true);
    await new Promise((resolve) => void setTimeout(resolve, 1_100));
    expect(await exchange.blobs.has("a")).toBe(false);
    expect(await exchange.blobs.get("a", `${path}-copy`)).toBe(true);
  });
});
