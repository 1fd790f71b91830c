import { describeExchange, describeSharedLog } from "@loom/testkit";
import { afterAll, beforeAll, describe } from "vitest";
import { HAS_NATS_SERVER, startNatsServer, type TestServer } from "../../test/nats-server.ts";
import { openNatsExchange, type NatsExchange } from "./nats-exchange.ts";

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  let cases = 0;
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(async () => await server?.stop());

  const open = async (): Promise<NatsExchange> =>
    await openNatsExchange({ servers: [server?.url ?? ""], silentAfterMs: 600, leaseTtlMs: 1_000 });

  describeSharedLog("The log of openNatsExchange()", async () => {
    const [one, two] = await Promise.all([open(), open()]);
    cases += 1;
    return {
      log: one.log,
      other: two.log,
      subject: `contract.case-${cases}`,
      close: async () => {
        await Promise.all([one.close(), two.close()]);
      },
    };
  });

  describeExchange("openNatsExchange()", async () => {
    const [exchange, other] = await Promise.all([open(), open()]);
    cases += 1;
    return {
      exchange,
      other,
      word: `case-${cases}`,
      passes: async (ms) => await new Promise((resolve) => void setTimeout(resolve, ms)),
      close: async () => {
        await Promise.all([exchange.close(), other.close()]);
      },
    };
  });
});
