import fc from 'fast-check';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const range = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);

/** One field in every form that is allowed: star, step, number, range, range with step, list. */
function field(min: number, max: number, names: readonly string[] = []): fc.Arbitrary<string> {
  const step = fc.integer({ min: 1, max: max + 2 });
  const number = fc.integer({ min, max }).map(String);
  const single =
    names.length === 0 ? number : fc.oneof(number, fc.constantFrom(...names, ...names.map((n) => n.toLowerCase())));
  const stepped = fc.tuple(range(min, max), step).map(([r, s]) => `${r}/${s}`);
  const element = fc.oneof(single, range(min, max), stepped);
  const list = fc.array(element, { minLength: 2, maxLength: 5 }).map((elements) => elements.join(','));
  const star = fc.constant('*');
  return fc.oneof(
    { weight: 4, arbitrary: star },
    step.map((s) => `*/${s}`),
    single,
    range(min, max),
    stepped,
    list,
  );
}

/** A 5-field expression in cron's grammar; a few never fire (`0 0 31 2 *`). */
export const cronExpressions: fc.Arbitrary<string> = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12, MONTHS), field(0, 7, WEEKDAYS))
  .map((fields) => fields.join(' '));

/** A whole second between 2024 and 2033: two leap days, every weekday on every date. */
export const instants: fc.Arbitrary<number> = fc
  .integer({ min: Date.UTC(2024, 0, 1) / 1000, max: Date.UTC(2034, 0, 1) / 1000 })
  .map((seconds) => seconds * 1000);
