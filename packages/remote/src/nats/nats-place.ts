/** What a server asks for before it lets somebody in. */
export type NatsAuth =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }
  /** Path of a file with a JWT and a seed, as `nsc` writes it. */
  | { readonly credentialsFile: string };

/** Paths of files in PEM, for servers whose certificate the system does not know, or that ask for one. */
export interface NatsTls {
  /** Whose certificates to believe. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Where an engine is, and how it keeps what it is given. What it has already stays as it was made. */
export interface NatsPlace {
  /** `nats://HOST:PORT` of one or more of its servers. */
  readonly servers: readonly string[];
  /** Default: nobody in particular. */
  readonly auth?: NatsAuth;
  /** With it, a server that does not encrypt is refused. Default: encrypted where the server is, by what the system believes. */
  readonly tls?: NatsTls;
  /**
   * Begins the subjects on which answers come. Default: `_INBOX.` and the name of the user, so that a server can keep the
   * answers of users apart; `_INBOX` where there is no such name.
   */
  readonly inboxPrefix?: string;
  /** How long a server may take to answer at first. Milliseconds. Default: 20,000. */
  readonly answerWithinMs?: number;
  /** How many of its servers keep each thing: an odd number. Default: 1. */
  readonly replicas?: number;
  /** How long somebody may say nothing of the work they have taken. Milliseconds. Default: 30,000. Of a pool that is there already, its own counts. */
  readonly silentAfterMs?: number;
  /** How long a lease lasts that is not held again. Milliseconds. Default: 30,000. */
  readonly leaseTtlMs?: number;
  /** How long contents of files are kept, and what nobody has removed of runs and of work. Milliseconds. Default: 7 days. */
  readonly keptMs?: number;
  /** Begins the names of all that is kept: capital letters, digits, `_` and `-`. Default: `LOOM`. */
  readonly prefix?: string;
}
