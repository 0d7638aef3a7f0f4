import { type Cron, parseCron } from '../../shared/cron/parse.ts';

/** An expression in a cloud's dialect, or why that dialect cannot say the same instants. */
export type Derived =
  | { readonly ok: true; readonly expression: string }
  | { readonly ok: false; readonly reason: string };

/**
 * AWS EventBridge Scheduler: `cron(minute hour day-of-month month day-of-week year)`, in the schedule's time zone (UTC
 * unless told otherwise). Days of the week are 1-7 from Sunday; one of the day fields must be `?`, so an expression
 * that restricts both is refused.
 *
 * @throws {CronError} when `expression` is no cron expression.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export function toEventBridge(expression: string): Derived {
  const cron = parseCron(expression);
  const { days } = cron;
  if (days.kind === 'either' || days.kind === 'both') {
    return refuse(cron, 'EventBridge takes `?` in day-of-month or in day-of-week, so it cannot restrict both');
  }
  // `a/n` is the documented step: every n-th from a to the end of the field. `*/n` is not documented.
  const write = (values: readonly number[], min: number, max: number) =>
    writeValues(values, min, max, (step) => `${min}/${step}`);
  const dayOfMonth = days.kind === 'dayOfWeek' ? '?' : days.kind === 'every' ? '*' : write(days.dayOfMonth, 1, 31);
  const dayOfWeek =
    days.kind === 'dayOfWeek'
      ? write(
          days.dayOfWeek.map((day) => day + 1),
          1,
          7,
        )
      : '?';
  const derived = `cron(${write(cron.minutes, 0, 59)} ${write(cron.hours, 0, 23)} ${dayOfMonth} ${write(cron.months, 1, 12)} ${dayOfWeek} *)`;
  // ScheduleExpression: minimum length 1, maximum 256 (API reference, CreateSchedule).
  if (derived.length > 256) return refuse(cron, `EventBridge takes 256 characters, and this needs ${derived.length}`);
  return { ok: true, expression: derived };
}

/**
 * Azure Functions' NCRONTAB: `second minute hour day month day-of-week`, in UTC unless WEBSITE_TIME_ZONE is set. Days
 * of the week are 0-6 from Sunday (7 is an error). Both day fields must match, always, so cron's either-or is refused,
 * while its "star with a step" (both must match) is what NCRONTAB says anyway.
 *
 * @throws {CronError} when `expression` is no cron expression.
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
 */
export function toNcrontab(expression: string): Derived {
  const cron = parseCron(expression);
  if (cron.days.kind === 'either') {
    return refuse(cron, 'NCRONTAB fires when day-of-month and day-of-week both match, cron when either does');
  }
  const { dayOfMonth, dayOfWeek } = dayFields(cron, writeStarStep);
  return { ok: true, expression: `0 ${timeFields(cron)} ${dayOfMonth} ${monthField(cron)} ${dayOfWeek}` };
}

/**
 * Google Cloud Scheduler's unix-cron: the same five fields, in the job's time zone (Etc/UTC unless told otherwise).
 * The day fields are "an inclusive OR, unless one of them is marked as unrestricted by an asterisk"; whether `*` with
 * a step is unrestricted is not documented, so an expression that depends on it is refused.
 *
 * @throws {CronError} when `expression` is no cron expression.
 * @see https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 */
export function toCloudScheduler(expression: string): Derived {
  const cron = parseCron(expression);
  if (cron.days.kind === 'both') {
    return refuse(cron, 'Cloud Scheduler does not document that `*` with a step makes both day fields match');
  }
  // Beside another restricted field a step on `*` could turn "either" into "both", so the days are spelt out there.
  const { dayOfMonth, dayOfWeek } = dayFields(cron, cron.days.kind === 'either' ? undefined : writeStarStep);
  return { ok: true, expression: `${timeFields(cron)} ${dayOfMonth} ${monthField(cron)} ${dayOfWeek}` };
}

type WriteStep = (step: number) => string;

const writeStarStep: WriteStep = (step) => `*/${step}`;

function timeFields(cron: Cron): string {
  return `${writeValues(cron.minutes, 0, 59, writeStarStep)} ${writeValues(cron.hours, 0, 23, writeStarStep)}`;
}

function monthField(cron: Cron): string {
  return writeValues(cron.months, 1, 12, writeStarStep);
}

function dayFields({ days }: Cron, writeStep: WriteStep | undefined): { dayOfMonth: string; dayOfWeek: string } {
  return {
    dayOfMonth: 'dayOfMonth' in days ? writeValues(days.dayOfMonth, 1, 31, writeStep) : '*',
    dayOfWeek: 'dayOfWeek' in days ? writeValues(days.dayOfWeek, 0, 6, writeStep) : '*',
  };
}

/**
 * Writes a field in what every dialect documents: `*`, one step over the whole field, one range, or a list of single
 * numbers. Ranges inside lists and names are left out, because not every dialect promises them.
 */
function writeValues(values: readonly number[], min: number, max: number, writeStep: WriteStep | undefined): string {
  const [first = min, second = first] = values;
  const last = values.at(-1) ?? first;
  const step = second - first;
  const isEven = values.every((value, index) => value === first + index * step);
  if (values.length === max - min + 1) return '*';
  if (values.length > 2 && isEven && step === 1) return `${first}-${last}`;
  if (values.length > 2 && isEven && first === min && last + step > max && writeStep) return writeStep(step);
  return values.join(',');
}

function refuse(cron: Cron, reason: string): Derived {
  return { ok: false, reason: `cron '${cron.expression}': ${reason}` };
}
