import { createHash } from "node:crypto";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunId } from "@loom/core";
import type { Exchange, JobSpec, ProviderSession, SharedLog } from "@loom/ports";
import { createSystemClock } from "@loom/system";
import {
  buildJobSpec,
  CollectedOutput,
  createRecordingLog,
  createRecordingSections,
  createStopSwitch,
  MemoryExchange,
  MemoryLog,
  temporaryDirectory,
} from "@loom/testkit";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { describe, expect, onTestFinished, test } from "vitest";
import { poolOf, startTestWorker } from "../test/far-provider.ts";
import { HAS_NATS_SERVER, startNatsServer } from "../test/nats-server.ts";
import { FarJobs } from "./far-jobs.ts";
import { decodeMessage, encodeMessage, type Envelope } from "./message-codec.ts";
import type { Order } from "./messages.ts";
import { openNatsExchange } from "./nats.ts";
import { createSealKeys, sealText } from "./sealed-box.ts";

const SECRET = "the s3cr3t välue of the run";
const PLAIN = "what everybody may see";
const RUN = "loom-run-local-7" as RunId;
const clock = createSystemClock();

/** A run that forwards secrets, a worker, and a job for it. */
function forwarding(exchange: Exchange): {
  readonly far: FarJobs;
  readonly pool: string;
  readonly job: JobSpec;
} {
  const base = realpathSync(temporaryDirectory());
  const workspaceRoot = join(base, "here");
  mkdirSync(workspaceRoot);
  writeFileSync(join(workspaceRoot, "file"), "content");
  const worker = startTestWorker(exchange, base);
  onTestFinished(async () => {
    worker.kill();
    await worker.left;
  });
  const secretsFor = (): Readonly<Record<string, string>> => ({ TOKEN: SECRET });
  const far = new FarJobs({ exchange, runId: RUN, clock, folder: join(base, "transfers"), secretsFor });
  const job = buildJobSpec({ workspaceRoot, env: { PLAIN } });
  return { far, pool: poolOf(base), job };
}

/** What a step of a job printed. */
async function printed(session: ProviderSession, script: string): Promise<string> {
  const output = new CollectedOutput();
  const end = await session.run({ step: 1, script }, output, createStopSwitch().request);
  expect(end).toEqual({ kind: "exited", exitCode: 0 });
  return output.stdout;
}

/** A log that says something else in place of sealed secrets. */
function changing(log: SharedLog, change: (order: Order & { readonly kind: "secrets" }) => Order): SharedLog {
  return {
    append: async (subject, n, data) => {
      const { writer, messages } = decodeMessage<Envelope<Order>>(data);
      const changed = messages.map((order) => (order.kind === "secrets" ? change(order) : order));
      return await log.append(subject, n, encodeMessage({ writer, messages: changed }));
    },
    read: (...given) => log.read(...given),
    count: async (subject) => await log.count(subject),
    forget: async (prefix) => await log.forget(prefix),
  };
}

describe("the secrets that a run forwards", () => {
  test.each<[what: string, change: (order: Order & { readonly kind: "secrets" }) => Order]>([
    [
      "changed on the way",
      ({ kind, sealed }) => ({ kind, sealed: { ...sealed, data: `AAAA${sealed.data.slice(4)}` } }),
    ],
    [
      "sealed for another worker",
      ({ kind, sealed }) => ({ kind, sealed: sealText("{}", createSealKeys().publicKey, "") ?? sealed }),
    ],
  ])("are not used when they were %s", async (_what, change) => {
    const { far, pool, job } = forwarding(
      new MemoryExchange(clock, { log: changing(new MemoryLog(), change) }),
    );
    const prepared = await far
      .provider(pool)
      .prepare(job, createRecordingSections(), createStopSwitch().request);
    expect(prepared).toEqual({
      ok: false,
      error: {
        code: "SECRETS_PROVIDER_UNAVAILABLE",
        message: "The secrets that the run forwards cannot be opened: they were not sealed for this worker",
      },
    });
    await far.close(createRecordingLog());
  });

  test("keep a job waiting, but not from being stopped", async () => {
    const dropped = Promise.withResolvers<void>();
    const log = changing(new MemoryLog(), () => {
      dropped.resolve();
      return { kind: "taken", upTo: 0 };
    });
    const { far, pool, job } = forwarding(new MemoryExchange(clock, { log }));
    const stop = createStopSwitch();
    const preparing = far.provider(pool).prepare(job, createRecordingSections(), stop.request);
    await dropped.promise;
    stop.terminate();
    expect(await preparing).toMatchObject({ ok: false, error: { code: "cancelled" } });
    await far.close(createRecordingLog());
  });

  test.skipIf(!HAS_NATS_SERVER)("are in nothing that an engine is told, or keeps", async () => {
    const server = await startNatsServer();
    const exchange = await openNatsExchange({ servers: [server.url] });
    const nats = await connect({ servers: server.url });
    onTestFinished(async () => {
      await nats.close();
      await exchange.close();
      await server.stop();
    });
    const told: string[] = [];
    nats.subscribe(">", {
      callback: (_error, message) => void told.push(Buffer.from(message.data).toString("latin1")),
    });
    await nats.flush();

    const { far, pool, job } = forwarding(exchange);
    const prepared = await far
      .provider(pool)
      .prepare(job, createRecordingSections(), createStopSwitch().request);
    if (!prepared.ok) throw new Error(prepared.error.message);
    const digest = createHash("sha256").update(SECRET).digest("hex");
    expect(await printed(prepared.value, 'printf %s "$TOKEN" | sha256sum')).toContain(digest);
    await prepared.value.copy?.takeOut(["file"], new AbortController().signal);

    const kept: string[] = [];
    const manager = await jetstreamManager(nats);
    for await (const { config, state } of manager.streams.list())
      for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
        const message = await manager.streams.getMessage(config.name, { seq });
        if (message !== null) kept.push(Buffer.from(message.data).toString("latin1"));
      }
    await prepared.value.close(createRecordingLog());
    await far.close(createRecordingLog());
    await nats.flush();

    for (const messages of [told, kept]) {
      const all = messages.join("\n");
      const [, digestInBase64] = formsOf(digest);
      for (const expected of [PLAIN, '"kind":"secrets"', digestInBase64]) expect(all).toContain(expected);
      for (const form of formsOf(SECRET)) expect(all).not.toContain(form);
    }
  });
});

/** A text as it can stand in other texts: in JSON, and in base64 wherever it begins there. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const inBase64 = [0, 1, 2].map((before) => {
    const written = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64url");
    // Characters that others have a part in.
    return written.slice(before === 0 ? 0 : before + 1, -4);
  });
  return [
    bytes.toString("latin1"),
    ...inBase64,
    ...inBase64.map((each) => each.replaceAll("-", "+").replaceAll("_", "/")),
  ];
}
