import { createSystemClock } from "@loom/system";
import { describeProvider, MemoryExchange } from "@loom/testkit";
import { afterAll, describe } from "vitest";
import { farHostProvider } from "../test/far-provider.ts";
import { HAS_NATS_SERVER, startNatsServer, type TestServer } from "../test/nats-server.ts";
import { openNatsExchange, type NatsExchange } from "./nats.ts";

describeProvider(
  "FarJobs over memory",
  farHostProvider(() => Promise.resolve(new MemoryExchange(createSystemClock()))),
);

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  let server: Promise<TestServer> | undefined;
  const opened: NatsExchange[] = [];
  afterAll(async () => {
    for (const exchange of opened) await exchange.close();
    await (await server)?.stop();
  });
  describeProvider(
    "FarJobs over NATS",
    farHostProvider(async () => {
      server ??= startNatsServer();
      const { url } = await server;
      const exchange = await openNatsExchange({ servers: [url] });
      opened.push(exchange);
      return exchange;
    }),
  );
});
