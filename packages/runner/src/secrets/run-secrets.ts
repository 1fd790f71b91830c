import { ok, type EventError, type GraphNode, type PhaseOutcome, type Result, type RunId } from "@loom/core";
import {
  inSection,
  type JobProvider,
  type JobSpec,
  type PhaseRequest,
  type ProviderSession,
  type Sections,
  type StopRequest,
  type WorkspaceCopy,
} from "@loom/ports";
import {
  createEnvSource,
  createKeepassSource,
  createOnePasswordSource,
  createRedactor,
  isRedactable,
  openSecrets,
  resolveSecret,
  type JobSecrets,
  type Redactor,
  type SecretSource,
} from "@loom/secrets";
import type { Environment } from "@loom/system";
import { redactValue } from "./redact-value.ts";
import { RedactedOutput, redactedSection, redactedSections } from "./redacted-output.ts";

/** Where the secrets of a run come from, and where their files go. */
export interface RunSecretsOptions {
  readonly runId: RunId;
  /** The environment that `env://` reads, and that says how to reach the other sources. */
  readonly env: Environment;
  /** What `env://` reads instead, where another machine says what it means. Default: `env`. */
  readonly forwarded?: Environment | undefined;
  /** Where files go when no file system in memory can be written to. Absolute. */
  readonly folder: string;
}

/**
 * The secrets of one run.
 *
 * Each job gets its own at its set-up. What any job prints, notes or fails with is redacted before it is recorded, with
 * all secrets that are known by then: jobs share files, and those on this machine the environment of `env://`.
 */
export class RunSecrets {
  readonly #options: RunSecretsOptions;
  readonly #sources: readonly SecretSource[];
  /** By name and value: jobs may have different values under one name. */
  readonly #known = new Map<string, readonly [name: string, value: string]>();
  #redactor: Redactor = createRedactor([]);

  private constructor(options: RunSecretsOptions) {
    const { env, forwarded = env } = options;
    this.#options = options;
    this.#sources = [createEnvSource(forwarded), createKeepassSource(env), createOnePasswordSource(env)];
  }

  /**
   * Knows from the beginning what stands in the environment, which every job has: the secrets of `env://`, and what
   * unlocks the other sources. Those are asked when a job needs them.
   */
  static async open(nodes: readonly GraphNode[], options: RunSecretsOptions): Promise<RunSecrets> {
    const run = new RunSecrets(options);
    const environments = [options.env, ...(options.forwarded === undefined ? [] : [options.forwarded])];
    const values: (readonly [name: string, value: string])[] = [];
    for (const { name, ref } of nodes.flatMap(({ secrets = [] }) => secrets)) {
      for (const env of environments) {
        const found = await resolveSecret(ref, [createEnvSource(env)]);
        if (found.ok) values.push([name, found.value]);
      }
      const source = run.#sources.find(({ scheme }) => ref.startsWith(`${scheme}://`));
      values.push(...(source?.keysOf?.(ref) ?? []));
    }
    run.#learn(values);
    return run;
  }

  /** A provider that gives jobs their secrets, and hides all secrets in what comes from it. */
  around(provider: JobProvider): JobProvider {
    return {
      ...provider,
      prepare: async (job, sections, stop) => {
        const opened = await this.#open(job);
        if (!opened.ok) {
          const refused = redactValue(opened, this.#redactor);
          return await inSection(sections, "provider", async () => refused);
        }
        return await this.#prepare(provider, { job, secrets: opened.value, sections, stop });
      },
    };
  }

  /** Carries out another phase of a job, and hides all secrets in what it notes. */
  async runPhase(
    request: PhaseRequest,
    phases: { run(request: PhaseRequest): Promise<PhaseOutcome> },
  ): Promise<PhaseOutcome> {
    const redactor = this.#redactor;
    const sections = redactedSections(request.sections, redactor);
    return redactValue(await phases.run({ ...request, sections }), redactor);
  }

  async #open({ node, env: variables }: JobSpec): Promise<Result<JobSecrets, EventError>> {
    const { runId: owner, env, folder } = this.#options;
    const opened = await openSecrets(node.secrets ?? [], {
      env: { ...env, ...variables },
      sources: this.#sources,
      folder,
      owner,
      needsFolder: node.carry !== undefined,
    });
    if (opened.ok) this.#learn(opened.value.values);
    return opened;
  }

  #learn(values: Iterable<readonly [name: string, value: string]>): void {
    const before = this.#known.size;
    for (const [name, value] of values) {
      // A shorter one fails the job that asks for it.
      if (isRedactable(value)) this.#known.set(`${name}=${value}`, [name, value]);
    }
    if (this.#known.size > before) this.#redactor = createRedactor(this.#known.values());
  }

  async #prepare(
    provider: JobProvider,
    {
      job,
      secrets,
      sections,
      stop,
    }: {
      readonly job: JobSpec;
      readonly secrets: JobSecrets;
      readonly sections: Sections;
      readonly stop: StopRequest;
    },
  ): Promise<Result<ProviderSession, EventError>> {
    const hasFiles = job.node.secrets?.some(({ file }) => file) === true;
    const spec = {
      ...job,
      env: { ...job.env, ...secrets.variables },
      ...(secrets.folder !== undefined && hasFiles && { readFolders: [secrets.folder] }),
      ...(secrets.folder !== undefined && job.node.carry !== undefined && { privateFolder: secrets.folder }),
    };
    let session: ProviderSession | undefined;
    try {
      const prepared = await provider.prepare(spec, redactedSections(sections, this.#redactor), stop);
      if (!prepared.ok) return redactValue(prepared, this.#redactor);
      session = prepared.value;
      return ok(new SessionWithSecrets(session, secrets, () => this.#redactor));
    } finally {
      if (session === undefined) await secrets.close();
    }
  }
}

/** A job that has its secrets. */
class SessionWithSecrets implements ProviderSession {
  readonly #session: ProviderSession;
  readonly #secrets: JobSecrets;
  readonly #redactor: () => Redactor;

  /** @param redactor - Of the secrets that are known now. */
  constructor(session: ProviderSession, secrets: JobSecrets, redactor: () => Redactor) {
    this.#session = session;
    this.#secrets = secrets;
    this.#redactor = redactor;
  }

  get copy(): WorkspaceCopy | undefined {
    return this.#session.copy;
  }

  async run(...[step, output, stop]: Parameters<ProviderSession["run"]>): ReturnType<ProviderSession["run"]> {
    const redactor = this.#redactor();
    const shown = new RedactedOutput(output, redactor);
    const end = await this.#session.run(step, shown, stop);
    shown.end();
    return redactValue(end, redactor);
  }

  /** With the secrets themselves: whoever may ask can read them anyway. */
  get shell(): ProviderSession["shell"] {
    return this.#session.shell?.bind(this.#session);
  }

  async close(...[context]: Parameters<ProviderSession["close"]>): ReturnType<ProviderSession["close"]> {
    const redactor = this.#redactor();
    const { section, end } = redactedSection(context, redactor);
    const closed = await this.#session.close(section);
    end();
    // After the processes: none of them reads the files any more.
    const removed = await this.#secrets.close();
    return closed.ok ? removed : redactValue(closed, redactor);
  }
}
