import type { Cron, Days } from './parse.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * The first instant at which the schedule fires strictly after `epochMs` (UTC, whole minutes).
 *
 * Ends for every parsed expression: `parseCron` refuses those that never fire. The longest wait is for a 29 February
 * on one day of the week, 40 years across 2100.
 */
export function nextAfter(cron: Cron, epochMs: number): number {
  const start = new Date(epochMs - (((epochMs % MINUTE) + MINUTE) % MINUTE) + MINUTE);
  let [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
  while (true) {
    const midnight = Date.UTC(year, month, day);
    const date = new Date(midnight);
    if (!cron.months.includes(date.getUTCMonth() + 1)) {
      [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, 1];
      continue;
    }
    const fires = matchesDay(cron.days, date) ? firstInDay(cron, midnight, start.getTime()) : undefined;
    if (fires !== undefined) return fires;
    // Date.UTC carries the 32nd of a month over into the next.
    [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1];
  }
}

function matchesDay(days: Days, date: Date): boolean {
  const dateMatches = 'dayOfMonth' in days && days.dayOfMonth.includes(date.getUTCDate());
  const weekdayMatches = 'dayOfWeek' in days && days.dayOfWeek.includes(date.getUTCDay());
  if (days.kind === 'every') return true;
  return days.kind === 'both' ? dateMatches && weekdayMatches : dateMatches || weekdayMatches;
}

function firstInDay(cron: Cron, midnight: number, earliest: number): number | undefined {
  for (const hour of cron.hours) {
    for (const minute of cron.minutes) {
      const instant = midnight + hour * HOUR + minute * MINUTE;
      if (instant >= earliest) return instant;
    }
  }
  return undefined;
}
