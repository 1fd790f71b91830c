import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_NATS_SERVER, startNatsServer } from "../../test/nats-server.ts";
import { openNatsExchange } from "./nats-exchange.ts";
import type { NatsPlace } from "./nats-place.ts";

/** What the user is told. */
async function failureOf(place: NatsPlace): Promise<string> {
  return await openNatsExchange(place).then(
    async (exchange) => {
      await exchange.close();
      return "none";
    },
    (cause: unknown) => String(cause),
  );
}

async function urlOf(...options: readonly string[]): Promise<string> {
  const server = await startNatsServer(options);
  onTestFinished(async () => await server.stop());
  return server.url;
}

test("says where no server is, and never the credentials that are in an address", async () => {
  expect(await failureOf({ servers: ["nats://me:s3cret@127.0.0.1:1", "127.0.0.1:2"] })).toBe(
    "Error: Cannot reach a NATS server at nats://127.0.0.1:1, 127.0.0.1:2: connection refused",
  );
});

test("says which file with credentials cannot be read", async () => {
  const credentialsFile = join(temporaryDirectory(), "none.creds");
  expect(await failureOf({ servers: ["nats://127.0.0.1:1"], auth: { credentialsFile } })).toBe(
    `Error: Cannot read the credentials for NATS in ${credentialsFile}`,
  );
});

test("says which prefix cannot begin names", async () => {
  expect(await failureOf({ servers: ["nats://127.0.0.1:1"], prefix: "my.loom" })).toBe(
    'Error: "my.loom" cannot begin names: it takes capital letters, digits, _ and -',
  );
});

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  test("says that a server has no JetStream", async () => {
    const url = await urlOf();
    expect(await failureOf({ servers: [url] })).toBe(
      `Error: The NATS server at ${url} has no JetStream: start it with -js, or allow it for this account`,
    );
  });

  test("lets in who has the password, and says when a server refuses it or asks for one", async () => {
    const url = await urlOf("-js", "--user", "loom", "--pass", "right");
    const place = { servers: [url] };
    expect(await failureOf({ ...place, auth: { user: "loom", password: "right" } })).toBe("none");
    expect(await failureOf({ ...place, auth: { user: "loom", password: "wrong" } })).toBe(
      `Error: The NATS server at ${url} refused the credentials`,
    );
    expect(await failureOf(place)).toBe(`Error: The NATS server at ${url} asks for credentials`);
  });

  test("says that a server does not encrypt, where it has to", async () => {
    const url = await urlOf("-js");
    expect(await failureOf({ servers: [url], tls: {} })).toBe(
      `Error: Cannot reach a NATS server at ${url}: server does not support 'tls'`,
    );
  });

  test("lets in who has the token", async () => {
    const url = await urlOf("-js", "--auth", "token");
    expect(await failureOf({ servers: [url], auth: { token: "token" } })).toBe("none");
    expect(await failureOf({ servers: [url], auth: { token: "another" } })).toBe(
      `Error: The NATS server at ${url} refused the credentials`,
    );
  });
});
