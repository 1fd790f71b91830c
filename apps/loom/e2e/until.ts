/** Resolves when something holds. Looks every ten milliseconds: the processor is for what is waited for. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => void setTimeout(resolve, 10));
}
