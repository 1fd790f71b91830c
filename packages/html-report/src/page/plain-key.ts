/** The key of an event that may be a command of the page: without Ctrl and the like, and not written into a field. */
export function plainKey(event: KeyboardEvent): string | undefined {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return undefined;
  return key;
}
