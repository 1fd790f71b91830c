import { readFile } from "node:fs/promises";
import {
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
} from "@nats-io/jetstream";
import {
  AuthorizationError,
  connect,
  credsAuthenticator,
  PermissionViolationError,
  UserAuthenticationExpiredError,
  type NatsConnection,
} from "@nats-io/transport-node";
import type { NatsAuth, NatsPlace } from "./nats-place.ts";

/** One way to a server, and to what it keeps. */
export interface JetStreamParts {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
  /** What the subjects begin with on which answers come. */
  readonly inboxes: string;
  /** For questions that are asked again soon when nobody answers. */
  readonly hasty: JetStreamManager;
}

/** How long to wait for an answer where the question is asked again. Unit: milliseconds. */
export const HASTY_MS = 1_500;

/**
 * Reaches an engine. From then on, one that is gone is asked again until the connection is closed.
 *
 * @throws An error that says where, and what is wrong there.
 */
export async function connectTo(place: NatsPlace): Promise<JetStreamParts> {
  const { servers, auth, tls, answerWithinMs } = place;
  const where = whereIs(place);
  const inboxes = inboxesOf(place);
  const credentials = auth === undefined ? {} : await credentialsOf(auth);
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: [...servers],
      ...credentials,
      ...(tls === undefined ? {} : { tls: { ...tls } }),
      // A server that is gone comes back, or another one has its part: until somebody gives up, it is asked again.
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      inboxPrefix: inboxes,
      ...(answerWithinMs === undefined ? {} : { timeout: answerWithinMs }),
    });
  } catch (cause) {
    throw new Error(
      isRefusal(cause) ? refused(where, auth) : `Cannot reach a NATS server at ${where}: ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  }
  try {
    return {
      connection,
      manager: await jetstreamManager(connection),
      client: jetstream(connection),
      hasty: await jetstreamManager(connection, { timeout: HASTY_MS, checkAPI: false }),
      inboxes,
    };
  } catch (cause) {
    await connection.close();
    const denied = deniedBy(cause, where);
    if (denied !== undefined) throw denied;
    throw new Error(
      hasNoJetStream(cause)
        ? `The NATS server at ${where} has no JetStream: start it with -js, or allow it for this account`
        : `The NATS server at ${where} does not say whether it has JetStream`,
      { cause },
    );
  }
}

/** What users call it, without credentials. */
export function whereIs({ servers }: NatsPlace): string {
  return servers.map(withoutCredentials).join(", ");
}

/** The error to show where something failed because the server does not permit it; `undefined` for other failures. */
export function deniedBy(cause: unknown, where: string): Error | undefined {
  if (cause instanceof PermissionViolationError) {
    const { subject, operation } = cause;
    const message = subject.includes(".STREAM.CREATE.")
      ? `The NATS server at ${where} has not all of what Loom keeps there, and does not let this user make it: have its administrator run loom workers once`
      : `The NATS server at ${where} does not let this user ${VERBS[operation]} "${subject}"`;
    return new Error(message, { cause });
  }
  return cause instanceof Error && cause.cause !== undefined ? deniedBy(cause.cause, where) : undefined;
}

const VERBS = { publish: "publish on", subscription: "subscribe to" } as const;

/** What the subjects begin with on which answers come. */
function inboxesOf({ inboxPrefix, auth }: NatsPlace): string {
  if (inboxPrefix !== undefined) return inboxPrefix;
  const user = auth !== undefined && "user" in auth && /^[\w-]+$/u.test(auth.user) ? `.${auth.user}` : "";
  return `_INBOX${user}`;
}

async function credentialsOf(auth: NatsAuth): Promise<object> {
  if ("token" in auth) return { token: auth.token };
  if ("user" in auth) return { user: auth.user, pass: auth.password };
  try {
    return { authenticator: credsAuthenticator(await readFile(auth.credentialsFile)) };
  } catch (cause) {
    throw new Error(`Cannot read the credentials for NATS in ${auth.credentialsFile}`, { cause });
  }
}

function withoutCredentials(server: string): string {
  return server.replace(/^([a-z]+:\/\/)?.*@/u, "$1");
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof AuthorizationError || cause instanceof UserAuthenticationExpiredError;
}

function refused(where: string, auth: NatsAuth | undefined): string {
  return auth === undefined
    ? `The NATS server at ${where} asks for credentials`
    : `The NATS server at ${where} refused the credentials`;
}

function hasNoJetStream(cause: unknown): boolean {
  // The class for it is not public.
  return (
    cause instanceof JetStreamApiError || (cause instanceof Error && cause.name === "JetStreamNotEnabled")
  );
}
