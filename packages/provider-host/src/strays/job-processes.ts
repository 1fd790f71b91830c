import { groupExists } from "../process/process-group.ts";
import { endProcesses, type EndedProcesses, type Patience } from "./end-processes.ts";
import { findMarked } from "./find-marked.ts";
import { newPids } from "./new-pids.ts";
import { listPids } from "./proc-files.ts";
import { listByPs } from "./ps-processes.ts";
import { seeProcess, type RunningProcess } from "./running-process.ts";

const NOTHING: EndedProcesses = { ended: [], left: [] };

/** Keeps track of what the steps of one job leave running, and ends it. */
export class JobProcesses {
  readonly #marks: readonly Buffer[];
  /** Groups with members whose leader, the shell of a step, has ended or may have. */
  readonly #groups = new Set<number>();
  /** The first process of the job, and a moment before it was started. */
  #first: { readonly pid: number; readonly sinceMs: number } | undefined;

  /** @param marks - Variables that only processes of this job have, each `NAME=value`. None: only groups are followed. */
  constructor(marks: readonly string[]) {
    this.#marks = marks.map((mark) => Buffer.from(mark));
  }

  /**
   * Notes the shell of a step, which leads a group.
   *
   * @param sinceMs - `performance.now()` before it was started.
   */
  started(pid: number, sinceMs: number): void {
    this.#first ??= { pid, sinceMs };
    this.#groups.add(pid);
  }

  /** Notes that a group has no member any more; its number may be given away. */
  groupEnded(pid: number): void {
    this.#groups.delete(pid);
  }

  /**
   * Ends all that still runs. The shells of all steps have ended.
   *
   * @param patience - Default: that with processes which nobody waits for.
   */
  async end(patience?: Patience): Promise<EndedProcesses> {
    for (const group of this.#groups) {
      if (!groupExists(group)) this.#groups.delete(group);
    }
    const found = await this.#find();
    if (found.length === 0) return NOTHING;
    let first: readonly RunningProcess[] | undefined = found;
    const find = (): Promise<readonly RunningProcess[]> => {
      const answer = first === undefined ? this.#find() : Promise.resolve(first);
      first = undefined;
      return answer;
    };
    return endProcesses(find, this.#groups, patience);
  }

  async #find(): Promise<RunningProcess[]> {
    const members = this.#groups.size === 0 ? [] : await listMembers(this.#groups);
    // Without /proc, looking for marks means a `ps` for every job: the sweep at the end of the run does it.
    if (this.#first === undefined || this.#marks.length === 0 || process.platform !== "linux") return members;
    const marked = await findMarked(newPids(this.#first.pid, this.#first.sinceMs), this.#marks);
    const pids = new Set(members.map(({ pid }) => pid));
    return [...members, ...marked.filter(({ pid }) => !pids.has(pid))];
  }
}

async function listMembers(groups: ReadonlySet<number>): Promise<RunningProcess[]> {
  const running: readonly RunningProcess[] =
    listPids()
      ?.map(seeProcess)
      .filter((seen) => seen !== undefined) ?? (await listByPs());
  return running.filter(({ group }) => groups.has(group));
}
