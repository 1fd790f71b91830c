import type Docker from "dockerode";
import { readExec } from "../run-exec.ts";

/** Numbers of the user that steps run as. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Prints the numbers of its own user and group, with nothing but a shell. Source: proc(5), `/proc/pid/status`. */
const WHO = `while read -r key id rest; do case $key in Uid:|Gid:) echo "$id";; esac; done < /proc/self/status`;

/** Says who steps of a running container run as. */
export async function containerUser(container: Docker.Container): Promise<ContainerUser> {
  const { Config: config } = await container.inspect();
  const numbers = /^(\d+):(\d+)$/u.exec(config.User === "" ? "0:0" : config.User);
  if (numbers !== null) return { uid: Number(numbers[1]), gid: Number(numbers[2]) };
  const [uid = "", gid = ""] = (await readExec(container, { command: ["sh", "-c", WHO] })).split("\n");
  return { uid: Number(uid), gid: Number(gid) };
}
