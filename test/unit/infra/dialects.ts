/**
 * What each cloud does with a schedule, written from that cloud's own documentation and sharing nothing with
 * `infra/cron`. Whatever a dialect does not document throws here, so that a derivation cannot rely on it.
 */

/** A schedule as its cloud reads it. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly matchesDay: (date: Date) => boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAY = 86_400_000;

/** The first `count` instants at or after `from`, looking `days` days ahead. */
export function firings(schedule: Schedule, from: number, count: number, days: number): number[] {
  const found: number[] = [];
  const firstMidnight = Math.floor(from / DAY) * DAY;
  for (let midnight = firstMidnight; midnight <= firstMidnight + days * DAY; midnight += DAY) {
    if (!schedule.matchesDay(new Date(midnight))) continue;
    for (let minuteOfDay = 0; minuteOfDay < 1440; minuteOfDay++) {
      const instant = midnight + minuteOfDay * 60_000;
      if (!schedule.hours.has(Math.floor(minuteOfDay / 60)) || !schedule.minutes.has(minuteOfDay % 60)) continue;
      if (instant >= from) found.push(instant);
      if (found.length === count) return found;
    }
  }
  return found;
}

/** Debian's crontab(5): day fields are restricted when they don't start with `*`; if both are, either may match. */
export function vixieCron(expression: string): Schedule {
  const [minute = '', hour = '', dom = '', month = '', dow = ''] = split(expression, 5);
  const dates = unixField(dom, 1, 31, []);
  const months = unixField(month, 1, 12, MONTHS);
  const weekdays = unixField(dow, 0, 7, WEEKDAYS);
  const isOr = !dom.startsWith('*') && !dow.startsWith('*');
  return {
    minutes: unixField(minute, 0, 59, []),
    hours: unixField(hour, 0, 23, []),
    matchesDay: (date) => {
      const onDate = dates.has(date.getUTCDate());
      const onWeekday = weekdays.has(date.getUTCDay()) || (date.getUTCDay() === 0 && weekdays.has(7));
      return months.has(date.getUTCMonth() + 1) && (isOr ? onDate || onWeekday : onDate && onWeekday);
    },
  };
}

/** https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules: vixie, but a star with a step is undefined. */
export function cloudScheduler(expression: string): Schedule {
  const [, , dom = '', , dow = ''] = split(expression, 5);
  const isUndefined = (field: string, other: string) => field.startsWith('*') && field !== '*' && other !== '*';
  if (isUndefined(dom, dow) || isUndefined(dow, dom)) throw new Error(`undocumented in Cloud Scheduler: ${expression}`);
  return vixieCron(expression);
}

/** A list of `*`, `n`, `a-b`, each of the last with `/step` allowed only behind `*` or a range. */
function unixField(text: string, min: number, max: number, names: readonly string[]): Set<number> {
  return union(text, (part) => {
    const match = /^(?:(\*)|([0-9A-Z]+)(?:-([0-9A-Z]+))?)(?:\/(\d+))?$/i.exec(part);
    if (!match) throw new Error(`no unix-cron field: ${part}`);
    const [, star, first = '', last, step] = match;
    if (step !== undefined && star === undefined && last === undefined) throw new Error(`a step on one value: ${part}`);
    const number = (name: string) => numberOf(name, names, min, max);
    return star ? span(min, max, Number(step ?? 1)) : span(number(first), number(last ?? first), Number(step ?? 1));
  });
}

/**
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based: six fields, `?` in one of the
 * day fields and a value or `*` in the other, weekdays 1-7 from Sunday, `a/n` from a to the end of the field.
 */
export function eventBridge(expression: string): Schedule {
  const inner = /^cron\((.*)\)$/.exec(expression)?.[1];
  if (inner === undefined || expression.length > 256) throw new Error(`no EventBridge cron: ${expression}`);
  const [minute = '', hour = '', dom = '', month = '', dow = '', year] = split(inner, 6);
  if ((dom === '?') === (dow === '?')) throw new Error(`one of the day fields must be ?: ${expression}`);
  if (year !== '*') throw new Error(`only every year is evaluated here: ${expression}`);
  const dates = dom === '?' ? undefined : awsField(dom, 1, 31, []);
  const months = awsField(month, 1, 12, MONTHS);
  const weekdays = dow === '?' ? undefined : awsField(dow, 1, 7, WEEKDAYS);
  return {
    minutes: awsField(minute, 0, 59, []),
    hours: awsField(hour, 0, 23, []),
    matchesDay: (date) =>
      months.has(date.getUTCMonth() + 1) &&
      (dates?.has(date.getUTCDate()) ?? true) &&
      (weekdays?.has(date.getUTCDay() + 1) ?? true),
  };
}

function awsField(text: string, min: number, max: number, names: readonly string[]): Set<number> {
  const number = (name: string) => numberOf(name, names, min, max);
  if (text === '*') return new Set(span(min, max, 1));
  const [, start, step] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (start !== undefined) return new Set(span(number(start), max, Number(step)));
  const [, first, last] = /^(\w+)-(\w+)$/.exec(text) ?? [];
  if (first !== undefined && last !== undefined) return new Set(span(number(first), number(last), 1));
  // The documentation shows lists of single values only, so ranges inside a list count as undocumented.
  return union(text, (part) => [number(part)]);
}

/**
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions and the library that
 * evaluates it (atifaziz/NCrontab: CrontabFieldImpl, CrontabSchedule.TryGetNextOccurrence): seconds first, weekdays
 * 0-6, a date counts only when its weekday is in the last field as well, reversed ranges are turned round.
 */
export function ncrontab(expression: string): Schedule {
  const [second, minute = '', hour = '', dom = '', month = '', dow = ''] = split(expression, 6);
  if (second !== '0') throw new Error(`fires more than once a minute, or not on the minute: ${expression}`);
  const dates = ncrontabField(dom, 1, 31, []);
  const months = ncrontabField(month, 1, 12, MONTHS);
  const weekdays = ncrontabField(dow, 0, 6, WEEKDAYS);
  return {
    minutes: ncrontabField(minute, 0, 59, []),
    hours: ncrontabField(hour, 0, 23, []),
    matchesDay: (date) =>
      months.has(date.getUTCMonth() + 1) && dates.has(date.getUTCDate()) && weekdays.has(date.getUTCDay()),
  };
}

function ncrontabField(text: string, min: number, max: number, names: readonly string[]): Set<number> {
  return union(text, (part) => {
    const [range = '', step] = part.split('/');
    if (range === '*') return span(min, max, Number(step ?? 1));
    const [first = '', last] = range.split('-').map((name) => numberOf(name, names, min, max));
    if (typeof first !== 'number') throw new Error(`no NCRONTAB field: ${part}`);
    if (last === undefined) return span(first, step === undefined ? first : max, Number(step ?? 1));
    return span(Math.min(first, last), Math.max(first, last), Number(step ?? 1));
  });
}

function split(expression: string, count: number): string[] {
  const fields = expression.split(' ');
  if (fields.length !== count) throw new Error(`${count} fields expected: ${expression}`);
  return fields;
}

function union(text: string, read: (part: string) => number[]): Set<number> {
  return new Set(text.split(',').flatMap(read));
}

function span(first: number, last: number, step: number): number[] {
  if (!(step >= 1) || first > last) throw new Error(`no range: ${first}-${last}/${step}`);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function numberOf(text: string, names: readonly string[], min: number, max: number): number {
  const named = names.indexOf(text.toUpperCase());
  const value = named < 0 ? Number(/^\d+$/.exec(text)?.[0]) : named + min;
  if (!(value >= min && value <= max)) throw new Error(`${text} is not within ${min}-${max}`);
  return value;
}
