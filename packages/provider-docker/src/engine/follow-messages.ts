import type Docker from "dockerode";

/**
 * Reads the messages in which an engine tells how a pull or a build goes on.
 *
 * @returns What the engine says has failed; `undefined` when all went well. Rejects when the connection is lost.
 */
export async function followMessages<M>(
  { modem }: Docker,
  stream: NodeJS.ReadableStream,
  take: (message: M) => void,
): Promise<string | undefined> {
  let failure: string | undefined;
  await new Promise<void>((resolve, reject) => {
    modem.followProgress(
      stream,
      // A connection that is lost after that says no more.
      (error) => (error === null || failure !== undefined ? resolve() : reject(error)),
      (message: M & { readonly error?: string }) => {
        if (message.error === undefined) take(message);
        else failure = message.error;
      },
    );
  });
  return failure;
}
