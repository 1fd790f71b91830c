import { describeSharedLog } from "@loom/testkit";
import { afterAll, describe } from "vitest";
import { HAS_NATS_SERVER, startNatsServer, type TestServer } from "../../test/nats-server.ts";
import { openNatsLog } from "./nats-log.ts";

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  let cases = 0;
  let server: Promise<TestServer> | undefined;
  afterAll(async () => (await server)?.stop());

  describeSharedLog("openNatsLog()", async () => {
    server ??= startNatsServer();
    const { url } = await server;
    const [log, other] = await Promise.all([
      openNatsLog({ servers: [url] }),
      openNatsLog({ servers: [url] }),
    ]);
    cases += 1;
    return {
      log,
      other,
      subject: `contract.case-${cases}`,
      close: async () => {
        await Promise.all([log.close(), other.close()]);
      },
    };
  });
});
