/** State of a socket that listens. Source: proc(5), `/proc/net/tcp`. */
const LISTENING = "0A";

/** Prints the TCP sockets of a container. */
export const SOCKETS_SCRIPT = "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; exit 0";

/** The ports on which something listens, from what `SOCKETS_SCRIPT` printed. */
export function listeningPorts(text: string): ReadonlySet<number> {
  const ports = text.split("\n").flatMap((line) => {
    const [, local = "", , state] = line.trim().split(/\s+/u);
    const port = local.split(":")[1];
    return state === LISTENING && port !== undefined ? [Number.parseInt(port, 16)] : [];
  });
  return new Set(ports);
}
