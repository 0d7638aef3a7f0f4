import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CronError, nextAfter, parseCron } from '../../../infra/cron.ts';
import { cronExpressions, instants } from './cron-expressions.ts';
import { firings, vixieCron } from './dialects.ts';

const next = (expression: string, after: string) =>
  new Date(nextAfter(parseCron(expression), Date.parse(after))).toISOString();

describe('nextAfter', () => {
  it.each([
    ['every minute', '* * * * *', '2026-11-20T10:15:30Z', '2026-11-20T10:16:00.000Z'],
    ['strictly after, never at', '15 10 * * *', '2026-11-20T10:15:00Z', '2026-11-21T10:15:00.000Z'],
    ['a millisecond before', '15 10 * * *', '2026-11-20T10:14:59.999Z', '2026-11-20T10:15:00.000Z'],
    ['over the end of a year', '0 6 1 1 *', '2026-01-01T06:00:00Z', '2027-01-01T06:00:00.000Z'],
    ['weekdays by name', '0 9 * * MON-FRI', '2026-11-20T09:00:00Z', '2026-11-23T09:00:00.000Z'],
    ['7 as Sunday', '0 0 * * 7', '2026-11-20T00:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['a range that ends on 7', '0 0 * * 6-7', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['months without a 31st', '0 0 31 * *', '2026-03-31T00:00:00Z', '2026-05-31T00:00:00.000Z'],
    ['a leap day', '0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['no leap day in 2100', '0 0 29 2 *', '2096-03-01T00:00:00Z', '2104-02-29T00:00:00.000Z'],
    ['either day field', '0 0 13 * 5', '2026-11-13T00:00:00Z', '2026-11-20T00:00:00.000Z'],
    ['both, when one starts with a star', '0 0 13 * */5', '2026-11-13T00:00:00Z', '2026-12-13T00:00:00.000Z'],
    ['the day of the week, when the date cannot be', '0 0 31 2 1', '2026-02-23T00:00:00Z', '2027-02-01T00:00:00.000Z'],
    ['before 1970', '0 0 * * *', '1969-12-31T12:34:56Z', '1970-01-01T00:00:00.000Z'],
  ])('finds %s', (_what, expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it('fires exactly when Vixie cron does, for every expression and from every instant', () => {
    fc.assert(
      fc.property(cronExpressions, instants, (expression, from) => {
        const cron = tryParse(expression);
        fc.pre(cron !== undefined);
        const expected = firings(vixieCron(expression), from + 1, 20, 45 * 366);
        const actual = [];
        for (let at = from; actual.length < expected.length; actual.push(at)) at = nextAfter(cron, at);
        expect(expected.length).toBeGreaterThan(0);
        expect(actual).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe('parseCron', () => {
  it.each([
    ['* * * *', /has 4 fields/],
    ['@daily', /has 1 fields/],
    ['60 * * * *', /minute '60' has 60, which is outside 0-59/],
    ['* 24 * * *', /hour '24' has 24/],
    ['* * 0 * *', /day-of-month '0' has 0, which is outside 1-31/],
    ['* * * 13 *', /month '13' has 13/],
    ['* * * * 8', /day-of-week '8' has 8, which is outside 0-7/],
    ['* * * Mrz *', /month 'Mrz' has 'Mrz', which is no number or name/],
    ['MON * * * *', /minute 'MON' has 'MON', which is no number$/],
    ['*/0 * * * *', /minute '\*\/0' has the step '0'; a step is 1 or more/],
    ['*/ * * * *', /has the step ''/],
    ['5/10 * * * *', /has a step on the single value '5'; write '5-59\/10'/],
    ['30-10 * * * *', /has the range '30-10', which runs backwards/],
    ['* * * * FRI-SUN', /day-of-week 'FRI-SUN' has the range 'FRI-SUN', which runs backwards/],
    ['1,,2 * * * *', /has an empty entry/],
    ['1-2-3 * * * *', /more than two ends/],
    ['*/2/3 * * * *', /more than one step/],
    ['-1 * * * *', /has '', which is no number/],
    ['? * * * *', /has '\?', which is no number/],
    ['0 0 31 2 *', /never fires: day-of-month 31 does not occur in month 2/],
    ['0 0 31 4,6,9,11 *', /never fires/],
    ['0 0 30 2 */2', /never fires/],
  ])('refuses %s and says why', (expression, reason) => {
    expect(() => parseCron(expression)).toThrow(CronError);
    expect(() => parseCron(expression)).toThrow(reason);
  });

  it('refuses an expression only if Vixie cron would never fire it either', () => {
    const impossible = fc.tuple(
      fc.integer({ min: 28, max: 31 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 7 }),
    );
    fc.assert(
      fc.property(impossible, ([date, month, step]) => {
        const expression = `0 0 ${date} ${month} */${step}`;
        const fires = firings(vixieCron(expression), Date.UTC(2024, 0, 1), 1, 45 * 366).length > 0;
        expect(tryParse(expression) !== undefined).toBe(fires);
      }),
      { numRuns: 100 },
    );
  });
});

function tryParse(expression: string) {
  try {
    return parseCron(expression);
  } catch (error) {
    if (error instanceof CronError && error.message.includes('never fires')) return undefined;
    throw error;
  }
}
