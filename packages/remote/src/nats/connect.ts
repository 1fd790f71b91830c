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
  UserAuthenticationExpiredError,
  type NatsConnection,
} from "@nats-io/transport-node";
import type { NatsAuth, NatsPlace } from "./nats-place.ts";

/** One way to a server, and to what it keeps. */
export interface JetStreamParts {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
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
export async function connectTo({ servers, auth, tls }: NatsPlace): Promise<JetStreamParts> {
  const where = servers.map(withoutCredentials).join(", ");
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
    };
  } catch (cause) {
    await connection.close();
    throw new Error(
      hasNoJetStream(cause)
        ? `The NATS server at ${where} has no JetStream: start it with -js, or allow it for this account`
        : `The NATS server at ${where} does not say whether it has JetStream`,
      { cause },
    );
  }
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
