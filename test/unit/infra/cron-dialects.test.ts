import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CronError,
  type Derived,
  nextAfter,
  parseCron,
  toCloudScheduler,
  toEventBridge,
  toNcrontab,
} from '../../../infra/cron.ts';
import { cronExpressions, instants } from './cron-expressions.ts';
import { cloudScheduler, eventBridge, firings, ncrontab, type Schedule, vixieCron } from './dialects.ts';

const dialects: readonly [
  name: string,
  derive: (expression: string) => Derived,
  evaluate: (expression: string) => Schedule,
][] = [
  ['EventBridge Scheduler', toEventBridge, eventBridge],
  ['Azure NCRONTAB', toNcrontab, ncrontab],
  ['Google Cloud Scheduler', toCloudScheduler, cloudScheduler],
];

describe.each(dialects)('%s', (_name, derive, evaluate) => {
  it('every 5-field expression fires at the same instants in each dialect, or is refused with the reason', () => {
    let derivedCount = 0;
    fc.assert(
      fc.property(cronExpressions, fc.array(instants, { minLength: 6, maxLength: 6 }), (expression, starts) => {
        fc.pre(everFires(expression));
        const derived = derive(expression);
        if (!derived.ok) {
          expect(derived.reason).toContain(expression);
          return;
        }
        derivedCount += 1;
        const cron = parseCron(expression);
        const schedule = evaluate(derived.expression);
        for (const from of starts) {
          const expected = [];
          for (let at = from; expected.length < 12; expected.push(at)) at = nextAfter(cron, at);
          expect({ derived, instants: firings(schedule, from + 1, 12, 600 * 366) }).toEqual({
            derived,
            instants: expected,
          });
        }
      }),
      { numRuns: 300 },
    );
    expect(derivedCount).toBeGreaterThan(100);
  });
});

describe('a refusal', () => {
  it('is given only where no single pair of day fields says the same days', () => {
    let refusals = 0;
    fc.assert(
      fc.property(cronExpressions, (expression) => {
        fc.pre(everFires(expression));
        const days = calendar(expression);
        const isOneField = days.bothMatch && (days.everyDate || days.everyWeekday);
        for (const [derive, canSay] of [
          [toEventBridge, isOneField],
          [toNcrontab, days.bothMatch],
        ] as const) {
          const derived = derive(expression);
          if (!derived.ok) refusals += 1;
          if (!derived.ok && !derived.reason.includes('256 characters'))
            expect({ expression, canSay }).toEqual({ expression, canSay: false });
        }
      }),
      { numRuns: 200 },
    );
    expect(refusals).toBeGreaterThan(20);
  });
});

describe('derivation', () => {
  const refused = (reason: string): unknown => expect.stringContaining(reason);
  it.each([
    ['* * * * *', 'cron(* * * * ? *)', '0 * * * * *', '* * * * *'],
    ['0 6 * * *', 'cron(0 6 * * ? *)', '0 0 6 * * *', '0 6 * * *'],
    ['*/5 * * * *', 'cron(0/5 * * * ? *)', '0 */5 * * * *', '*/5 * * * *'],
    ['0 9 * * MON-FRI', 'cron(0 9 ? * 2-6 *)', '0 0 9 * * 1-5', '0 9 * * 1-5'],
    ['0 0 * * 7', 'cron(0 0 ? * 1 *)', '0 0 0 * * 0', '0 0 * * 0'],
    ['0 0 * * 5-7', 'cron(0 0 ? * 1,6,7 *)', '0 0 0 * * 0,5,6', '0 0 * * 0,5,6'],
    ['10-50/20 8,20 1 jan,JUL *', 'cron(10,30,50 8,20 1 1,7 ? *)', '0 10,30,50 8,20 1 1,7 *', '10,30,50 8,20 1 1,7 *'],
    ['0 0 */10 * *', 'cron(0 0 1/10 * ? *)', '0 0 0 */10 * *', '0 0 */10 * *'],
    ['0 0 1-31 * MON', 'cron(0 0 * * ? *)', '0 0 0 * * *', '0 0 * * *'],
    ['0 0 31 2 MON', 'cron(0 0 ? 2 2 *)', '0 0 0 * 2 1', '0 0 * 2 1'],
    ['0 0 1 * MON', refused('cannot restrict both'), refused('cron when either does'), '0 0 1 * 1'],
    ['0 0 1-31/10 * MON', refused('cannot restrict both'), refused('both match'), '0 0 1,11,21,31 * 1'],
    ['0 0 1-7 * */7', refused('cannot restrict both'), '0 0 0 1-7 * 0', refused('does not document')],
    [manyMinutes(), refused('256 characters'), expect.any(String), expect.any(String)],
  ])('of %s', (expression, aws, azure, google) => {
    const said = (derived: Derived) => (derived.ok ? derived.expression : derived.reason);
    expect([toEventBridge, toNcrontab, toCloudScheduler].map((derive) => said(derive(expression)))).toEqual([
      aws,
      azure,
      google,
    ]);
  });

  it.each(dialects)('for %s throws on what is no cron expression', (_name, derive) => {
    expect(() => derive('0 0 31 2 *')).toThrow(CronError);
    expect(() => derive('hourly')).toThrow(CronError);
  });
});

function everFires(expression: string): boolean {
  return firings(vixieCron(expression), Date.UTC(2024, 0, 1), 1, 45 * 366).length > 0;
}

/** 28 years hold every date on every weekday: are the days a product of dates and weekdays, and is one side whole? */
function calendar(expression: string) {
  const { matchesDay } = vixieCron(expression);
  const all = Array.from({ length: 28 * 365.25 }, (_, index) => new Date(Date.UTC(2024, 0, 1 + index)));
  const months = new Set(all.filter(matchesDay).map((date) => date.getUTCMonth()));
  const inMonths = all.filter((date) => months.has(date.getUTCMonth()));
  const dates = new Set(inMonths.filter(matchesDay).map((date) => date.getUTCDate()));
  const weekdays = new Set(inMonths.filter(matchesDay).map((date) => date.getUTCDay()));
  const isProduct = (date: Date) => dates.has(date.getUTCDate()) && weekdays.has(date.getUTCDay());
  return {
    bothMatch: inMonths.every((date) => matchesDay(date) === isProduct(date)),
    everyDate: inMonths.every((date) => dates.has(date.getUTCDate())),
    everyWeekday: weekdays.size === 7,
  };
}

/** Every minute but two, every hour but two, every day but two: lists that are longer than AWS takes. */
function manyMinutes(): string {
  return '0-20,22-40,42-59 0-5,7-15,17-23 1-8,10-20,22-31 1-3,5-7,9-12 *';
}
