/** The local time of day: `09:15:00`. */
export function clockText(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
}

/** The local month and day: `11-21`. */
export function monthDayText(at: Date): string {
  return [at.getMonth() + 1, at.getDate()].map(twoDigits).join("-");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
