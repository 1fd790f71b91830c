import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeProvider, temporaryDirectory } from "@loom/testkit";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, PermissionViolationError, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { farHostProvider } from "../../test/far-provider.ts";
import { HAS_NATS_SERVER, startNatsServer, type TestServer } from "../../test/nats-server.ts";
import { findNatsExchange, openNatsExchange, type NatsExchange } from "./nats-exchange.ts";

/** What the documentation tells users to start their server with. */
const CONFIG = join(import.meta.dirname, "../../../../docs/nats.conf");

type User = "admin" | "coordinator" | "worker";

const NEVER = new AbortController().signal;

function passwordOf(user: User): string {
  return `password-of-${user}`;
}

async function startServer(config = CONFIG): Promise<TestServer> {
  for (const user of ["admin", "coordinator", "worker"] as const)
    vi.stubEnv(`${user.toUpperCase()}_PASSWORD`, passwordOf(user));
  const server = await startNatsServer(["-c", config]);
  vi.unstubAllEnvs();
  return server;
}

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server) as docs/nats.conf says", () => {
  let server: TestServer | undefined;
  const opened: { close(): Promise<void> }[] = [];
  const open = async (user: User): Promise<NatsExchange> => {
    const auth = { user, password: passwordOf(user) };
    const exchange = await openNatsExchange({ servers: [server?.url ?? ""], auth });
    opened.push(exchange);
    return exchange;
  };
  /** The same user without Loom. */
  const connection = async (user: User): Promise<NatsConnection> => {
    const found = await connect({
      servers: server?.url ?? "",
      user,
      pass: passwordOf(user),
      inboxPrefix: `_INBOX.${user}`,
    });
    opened.push(found);
    return found;
  };

  beforeAll(async () => {
    server = await startServer();
    await (await open("admin")).close();
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
    await server?.stop();
  });

  describeProvider(
    "FarJobs of a coordinator and a worker",
    farHostProvider(
      async () => await open("coordinator"),
      async () => await open("worker"),
    ),
  );

  test("who may not make what is kept is told to have it made, and finds it once it is", async () => {
    const own = await startServer();
    onTestFinished(async () => await own.stop());
    const place = (user: User) => ({ servers: [own.url], auth: { user, password: passwordOf(user) } });
    expect(await findNatsExchange(place("worker"))).toBeUndefined();
    await expect(openNatsExchange(place("worker"))).rejects.toThrow(
      `The NATS server at ${own.url} has not all of what Loom keeps there, and does not let this user make it: have its administrator run loom workers once`,
    );
    await (await openNatsExchange(place("admin"))).close();
    for (const user of ["worker", "coordinator"] as const) {
      await (await openNatsExchange(place(user))).close();
      const found = await findNatsExchange(place(user));
      expect(found).toBeDefined();
      await found?.close();
    }
  });

  test("nobody gets in without a password, or with that of another user", async () => {
    const servers = [server?.url ?? ""];
    await expect(openNatsExchange({ servers })).rejects.toThrow("asks for credentials");
    const auth = { user: "coordinator", password: passwordOf("worker") };
    await expect(openNatsExchange({ servers, auth })).rejects.toThrow("refused the credentials");
  });

  test("who reads answers where the server lets nobody is told", async () => {
    const auth = { user: "worker", password: passwordOf("worker") };
    const place = { servers: [server?.url ?? ""], auth, inboxPrefix: "_INBOX.coordinator" };
    await expect(openNatsExchange(place)).rejects.toThrow(
      /^The NATS server at \S+ does not let this user subscribe to "_INBOX\.coordinator\./u,
    );
  });

  test("each says that it is there, and finds the others", async () => {
    const [coordinator, worker] = [await open("coordinator"), await open("worker")];
    await coordinator.leases.hold("run.lease", Buffer.from("r"));
    await worker.leases.hold("worker.lease", Buffer.from("w"));
    expect((await worker.leases.list("run.")).get("run.lease")).toEqual(Buffer.from("r"));
    for (const { leases } of [coordinator, worker])
      expect((await leases.list("worker.")).get("worker.lease")).toEqual(Buffer.from("w"));
    await coordinator.leases.release("run.lease");
    await worker.leases.release("worker.lease");
    expect(await worker.leases.list("run.")).not.toContain("run.lease");
  });

  test("a coordinator removes what its run has left", async () => {
    const coordinator = await open("coordinator");
    await coordinator.log.append("over.j.1.orders", 1, Buffer.from("{}"));
    await coordinator.log.forget("over.");
    expect(await coordinator.log.count("over.j.1.orders")).toBe(0);
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, "content");
    await coordinator.blobs.put("old", path);
    await coordinator.blobs.remove("old");
    expect(await coordinator.blobs.has("old")).toBe(false);
  });

  test("a worker publishes no jobs, no orders, and no lease of a run", async () => {
    const worker = await open("worker");
    const data = Buffer.from("{}");
    await expect(worker.queue.offer("linux-v1", "1", data)).rejects.toThrow("Permissions Violation");
    await expect(worker.log.append("r.j.1.orders", 1, data)).rejects.toThrow("Permissions Violation");
    await expect(worker.log.append("r.j.1.happenings", 1, data)).resolves.toBe("appended");
    await expect(worker.leases.hold("run.r", data)).rejects.toThrow("Permissions Violation");
    await expect(worker.log.forget("r.")).rejects.toThrow("Permissions Violation");
  });

  test("a coordinator takes no jobs, reads none that wait, and is no worker", async () => {
    const coordinator = await open("coordinator");
    await coordinator.queue.offer("own-v1", "1", Buffer.from("job"));
    const nats = await connection("coordinator");
    const refused = await refusedOf(nats, [
      "$JS.API.CONSUMER.CREATE.LOOM_JOBS.own-v1.loom.jobs.own-v1",
      "$JS.API.CONSUMER.DURABLE.CREATE.LOOM_JOBS.own-v1",
      "$JS.API.CONSUMER.CREATE.LOOM_JOBS",
      "$JS.API.CONSUMER.MSG.NEXT.LOOM_JOBS.own-v1",
      "$JS.API.STREAM.MSG.GET.LOOM_JOBS",
      "$JS.API.DIRECT.GET.LOOM_JOBS",
      "$JS.ACK.LOOM_JOBS.own-v1.1.1.1.1.0",
      "$KV.LOOM_LEASES.worker.own",
    ]);
    expect(refused).toEqual({ publish: 8 });
    const worker = await open("worker");
    expect((await worker.queue.take("own-v1", NEVER))?.data).toEqual(Buffer.from("job"));
  });

  test.each(["coordinator", "worker"] as const)(
    "a %s makes and removes nothing on the server, and hears nobody else",
    async (user) => {
      const nats = await connection(user);
      const streams = ["LOOM_RUNS", "LOOM_JOBS", "KV_LOOM_LEASES", "OBJ_LOOM_FILES"];
      const verbs = ["CREATE", "UPDATE", "DELETE", "MSG.DELETE", "SNAPSHOT", "RESTORE"];
      const asked = streams.flatMap((stream) => verbs.map((verb) => `$JS.API.STREAM.${verb}.${stream}`));
      expect(await refusedOf(nats, asked)).toEqual({ publish: asked.length });
      const others = [">", "loom.>", "$JS.>", "$KV.>", "$O.>", "_INBOX.>"];
      const other = user === "worker" ? "_INBOX.coordinator.>" : "_INBOX.worker.>";
      expect(await deafTo(nats, [...others, other])).toEqual([...others, other]);
    },
  );

  test("a reader can be asked for only with the subject that it reads", async () => {
    const worker = await open("worker");
    await worker.log.append("reader.j.1.happenings", 1, Buffer.from("{}"));
    const nats = await connection("worker");
    const manager = await jetstreamManager(nats);
    const ask = async (stream: string, name: string, subject?: string): Promise<unknown> =>
      await manager.consumers.add(stream, {
        name,
        ...(subject !== undefined && { filter_subject: subject }),
      });
    await expect(ask("LOOM_RUNS", "all")).rejects.toThrow("Permissions Violation");
    await expect(ask("LOOM_RUNS", "all", "loom.log.>")).rejects.toThrow("Permissions Violation");
    await expect(ask("LOOM_RUNS", "one", "loom.log.reader.j.1.happenings")).resolves.toBeDefined();
    // What the subject says and what is asked for have to be the same.
    const config = { name: "other", filter_subject: "loom.jobs.linux-v1" };
    const question = JSON.stringify({ stream_name: "LOOM_RUNS", config });
    const subject = "$JS.API.CONSUMER.CREATE.LOOM_RUNS.other.loom.log.reader.j.1.happenings";
    expect((await nats.request(subject, question)).json()).toMatchObject({ error: { code: 400 } });
  });

  test("a worker of one pool takes no jobs of another one", async () => {
    const config = join(temporaryDirectory(), "nats.conf");
    const ofLinux = readFileSync(CONFIG, "utf8")
      .replaceAll(/(CONSUMER\.[A-Z.]+\.LOOM_JOBS|ACK\.LOOM_JOBS)\.\*/gu, "$1.linux-v1")
      .replaceAll("linux-v1.loom.jobs.*", "linux-v1.loom.jobs.linux-v1");
    writeFileSync(config, ofLinux);
    const own = await startServer(config);
    onTestFinished(async () => await own.stop());
    const place = (user: User) => ({ servers: [own.url], auth: { user, password: passwordOf(user) } });
    const admin = await openNatsExchange(place("admin"));
    await admin.close();
    const coordinator = await openNatsExchange(place("coordinator"));
    const worker = await openNatsExchange(place("worker"));
    await coordinator.queue.offer("mac-v1", "1", Buffer.from("for mac"));
    await coordinator.queue.offer("linux-v1", "2", Buffer.from("for linux"));
    const over = new AbortController();
    const ofMac = worker.queue.take("mac-v1", over.signal);
    const taken = await Promise.race([ofMac, worker.queue.take("linux-v1", over.signal)]);
    expect(taken?.data).toEqual(Buffer.from("for linux"));
    await taken?.finish();
    over.abort();
    expect(await ofMac).toBeUndefined();
    await worker.close();
    await coordinator.close();
  });

  test("what a worker has the server send among jobs is no job of its making", async () => {
    const worker = await open("worker");
    await worker.log.append("forged.j.1.happenings", 1, Buffer.from("a job"));
    const nats = await connection("worker");
    const { name } = await (
      await jetstreamManager(nats)
    ).consumers.add("LOOM_RUNS", { name: "forger", filter_subject: "loom.log.forged.j.1.happenings" });
    const pool = "loom.jobs.forged-v1";
    const manager = await jetstreamManager(await connection("admin"));
    const waiting = async () =>
      (await manager.streams.info("LOOM_JOBS", { subjects_filter: ">" })).state.subjects ?? {};
    nats.publish(`$JS.API.CONSUMER.MSG.NEXT.LOOM_RUNS.${name}`, JSON.stringify({ batch: 1 }), {
      reply: pool,
    });
    nats.publish("$JS.API.INFO", "", { reply: pool });
    await vi.waitFor(async () => expect(await waiting()).toHaveProperty([pool]));
    // What it wrote keeps its subject, which no pool has; only what the server says itself is in the pool.
    await vi.waitFor(async () => expect(await waiting()).toHaveProperty(["loom.log.forged.j.1.happenings"]));
    const taken = await worker.queue.take("forged-v1", NEVER);
    expect(Buffer.from(taken?.data ?? []).toString()).toContain(
      "io.nats.jetstream.api.v1.account_info_response",
    );
    await taken?.finish();
    expect(await waiting()).not.toHaveProperty([pool]);
  });

  test("workers of one user can read, answer and replace what is for each other, as the documentation says", async () => {
    const coordinator = await open("coordinator");
    const worker = await open("worker");
    await coordinator.log.append("foreign.j.1.orders", 1, Buffer.from("an order"));
    for await (const { data } of worker.log.read("foreign.j.1.orders", 1, NEVER)) {
      expect(data).toEqual(Buffer.from("an order"));
      break;
    }
    expect(await worker.log.append("foreign.j.1.happenings", 1, Buffer.from("{}"))).toBe("appended");
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, "the workspace");
    await coordinator.blobs.put("tree-1", path);
    writeFileSync(path, "another one");
    await worker.blobs.put("tree-1", path);
    await coordinator.blobs.get("tree-1", path);
    expect(readFileSync(path, "utf8")).toBe("another one");
  });
});

/** How often the server refused to take something. */
async function refusedOf(
  nats: NatsConnection,
  subjects: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const refused: Record<string, number> = {};
  for (const subject of subjects)
    try {
      await nats.request(subject, "", { timeout: 2_000 });
      throw new Error(`The server answered to ${subject}`);
    } catch (cause) {
      const why = cause instanceof Error && cause.cause;
      if (!(why instanceof PermissionViolationError))
        throw new Error(`${subject} was not refused`, { cause });
      refused[why.operation] = (refused[why.operation] ?? 0) + 1;
    }
  return refused;
}

/** Which subjects the server does not let somebody subscribe to. */
async function deafTo(nats: NatsConnection, subjects: readonly string[]): Promise<readonly string[]> {
  const refused: string[] = [];
  for (const subject of subjects) {
    const subscription = nats.subscribe(subject, {
      callback: (error) => {
        if (error instanceof PermissionViolationError) refused.push(subject);
      },
    });
    await nats.flush();
    subscription.unsubscribe();
  }
  return refused;
}
