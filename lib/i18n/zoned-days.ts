// Calendar days of a zone. Pure: a page on the server and the same page in the browser count the same days.

/** The day of a moment in a zone, as `2026-11-22`. */
export function dayOf(moment: number, timeZone: string): string {
  // Swedish writes dates as ISO does.
  return new Date(moment).toLocaleDateString('sv', { timeZone });
}

/** A day some days later; earlier where `count` is negative. */
export function addDays(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}

/** The moment a day begins in a zone: midnight, or later where the clocks are put forward then. */
export function startOfDay(day: string, timeZone: string): string {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const first = midnight - offsetMs(midnight, timeZone);
  // Where the clocks change that day, the offset of midnight itself is another one.
  const second = midnight - offsetMs(first, timeZone);
  const start = dayOf(second, timeZone) === day ? second : first;
  return new Date(start).toISOString();
}

/** How far a zone's clocks are ahead of UTC. */
function offsetMs(moment: number, timeZone: string): number {
  const wall = new Date(moment).toLocaleString('sv', { timeZone });
  return Date.parse(`${wall.replace(' ', 'T')}Z`) - Math.floor(moment / 1000) * 1000;
}
