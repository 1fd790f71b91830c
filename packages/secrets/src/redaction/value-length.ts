/** Least length of a value that can be hidden: shorter ones are part of ordinary words. Unit: characters. */
export const MIN_LENGTH = 4;

/** Whether a value can be hidden: blanks around it do not count, since those are often lost when it is printed. */
export function isRedactable(value: string): boolean {
  return Array.from(value.trim()).length >= MIN_LENGTH;
}
