import { FIELD_RULES, type Field, FieldError, type FieldRule, parseField } from './field.ts';

/**
 * Which days of its months an expression fires on. Vixie cron's rule: two restricted day fields match when **either**
 * does; when one of them starts with `*`, **both** must match (so a star with a step narrows the other field).
 *
 * Only what the calendar needs is kept: a field that excludes no day of the chosen months is gone.
 */
export type Days =
  | { readonly kind: 'every' }
  | { readonly kind: 'dayOfMonth'; readonly dayOfMonth: readonly number[] }
  | { readonly kind: 'dayOfWeek'; readonly dayOfWeek: readonly number[] }
  | { readonly kind: 'either' | 'both'; readonly dayOfMonth: readonly number[]; readonly dayOfWeek: readonly number[] };

/** A parsed cron expression, in UTC. Numbers ascend; months are 1-12, days of the week 0-6 with Sunday 0. */
export interface Cron {
  readonly expression: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: readonly number[];
  readonly days: Days;
}

/** A cron expression that cannot be read, or that never fires. The message names the field and the reason. */
export class CronError extends Error {
  override readonly name = 'CronError';
}

/**
 * Parses `minute hour day-of-month month day-of-week`, in UTC.
 *
 * @example parseCron('0 6 * * MON-FRI')
 * @throws {CronError} when a field cannot be read, or when no date matches (`0 0 31 2 *`).
 */
export function parseCron(expression: string): Cron {
  const texts = expression.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = texts;
  if (
    dayOfWeek === undefined ||
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    texts.length !== 5
  ) {
    throw new CronError(
      `cron '${expression}' has ${texts.length} fields, not the five: minute hour day-of-month month day-of-week`,
    );
  }
  const field = (text: string, rule: FieldRule) => readField(expression, text, rule);
  const minutes = field(minute, FIELD_RULES.minute).values;
  const hours = field(hour, FIELD_RULES.hour).values;
  const daysOfMonth = field(dayOfMonth, FIELD_RULES.dayOfMonth);
  const months = field(month, FIELD_RULES.month).values;
  const daysOfWeek = field(dayOfWeek, FIELD_RULES.dayOfWeek);
  return { expression, minutes, hours, months, days: combineDays(expression, months, daysOfMonth, daysOfWeek) };
}

function readField(expression: string, text: string, rule: FieldRule): Field {
  try {
    return parseField(text, rule);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new CronError(`cron '${expression}': ${rule.name} '${text}' ${error.message}`, { cause: error });
  }
}

/** The longest each month can be; a leap year comes round, so February has 29. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function combineDays(expression: string, months: readonly number[], dayOfMonth: Field, dayOfWeek: Field): Days {
  const longest = Math.max(...months.map((month) => LONGEST[month - 1] ?? 31));
  const reachable = dayOfMonth.values.filter((day) => day <= longest).length;
  const isAnyDate = reachable === longest;
  const isAnyWeekday = dayOfWeek.values.length === 7;
  const either = !dayOfMonth.startsWithStar && !dayOfWeek.startsWithStar;
  const both = { dayOfMonth: dayOfMonth.values, dayOfWeek: dayOfWeek.values };

  if (either) {
    if (isAnyDate || isAnyWeekday) return { kind: 'every' };
    return reachable === 0 ? { kind: 'dayOfWeek', dayOfWeek: both.dayOfWeek } : { kind: 'either', ...both };
  }
  if (reachable === 0) {
    // Any date that exists falls on every day of the week sooner or later, so an impossible date is the one way to
    // never fire.
    throw new CronError(
      `cron '${expression}' never fires: day-of-month ${dayOfMonth.values.join(',')} does not occur in month ${months.join(',')}`,
    );
  }
  if (isAnyDate) return isAnyWeekday ? { kind: 'every' } : { kind: 'dayOfWeek', dayOfWeek: both.dayOfWeek };
  return isAnyWeekday ? { kind: 'dayOfMonth', dayOfMonth: both.dayOfMonth } : { kind: 'both', ...both };
}
