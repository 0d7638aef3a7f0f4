/** One of the five fields of a cron expression: what it is called and which numbers it may hold. */
export interface FieldRule {
  readonly name: 'minute' | 'hour' | 'day-of-month' | 'month' | 'day-of-week';
  readonly min: number;
  readonly max: number;
  /** Three-letter names in order; the first stands for `min`. */
  readonly names?: readonly string[];
}

/** What a field means: its numbers in ascending order, and whether it was written with a leading `*`. */
export interface Field {
  readonly values: readonly number[];
  /** Vixie cron calls such a field unrestricted, and `*` followed by a step counts too. */
  readonly startsWithStar: boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;

/** The fields in the order in which they are written. Day-of-week reaches 7, a second name for Sunday. */
export const FIELD_RULES = {
  minute: { name: 'minute', min: 0, max: 59 },
  hour: { name: 'hour', min: 0, max: 23 },
  dayOfMonth: { name: 'day-of-month', min: 1, max: 31 },
  month: { name: 'month', min: 1, max: 12, names: MONTHS },
  dayOfWeek: { name: 'day-of-week', min: 0, max: 7, names: WEEKDAYS },
} as const satisfies Record<string, FieldRule>;

/** Says why a field cannot be read; `parseCron` adds the expression and the field's name. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

/**
 * Reads one field: `*`, numbers, names, ranges, steps on `*` or on a range, and lists of these.
 *
 * @throws {FieldError} with the reason. `5/10` is refused on purpose: Vixie cron has no such form, and those dialects
 * that have it disagree about where it ends.
 */
export function parseField(text: string, rule: FieldRule): Field {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    for (const value of expandPart(part, rule)) values.add(rule.name === 'day-of-week' ? value % 7 : value);
  }
  return { values: [...values].sort((a, b) => a - b), startsWithStar: text.startsWith('*') };
}

function expandPart(part: string, rule: FieldRule): number[] {
  if (part === '') throw new FieldError('has an empty entry in its list');
  const [range = '', stepText, ...moreSteps] = part.split('/');
  if (moreSteps.length > 0) throw new FieldError(`has more than one step in '${part}'`);
  const [firstText = '', lastText, ...moreEnds] = range.split('-');
  if (moreEnds.length > 0) throw new FieldError(`has more than two ends in the range '${range}'`);

  if (range !== '*' && lastText === undefined && stepText !== undefined) {
    throw new FieldError(`has a step on the single value '${range}'; write '${range}-${rule.max}/${stepText}'`);
  }
  const first = range === '*' ? rule.min : parseValue(firstText, rule);
  const last = range === '*' ? rule.max : lastText === undefined ? first : parseValue(lastText, rule);
  if (first > last) throw new FieldError(`has the range '${range}', which runs backwards`);

  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (step === undefined || step === 0) throw new FieldError(`has the step '${stepText}'; a step is 1 or more`);
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
}

function parseValue(text: string, rule: FieldRule): number {
  const named = rule.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return rule.min + named;
  const value = parseNumber(text);
  if (value === undefined) throw new FieldError(`has '${text}', which is no number${rule.names ? ' or name' : ''}`);
  if (value < rule.min || value > rule.max) {
    throw new FieldError(`has ${value}, which is outside ${rule.min}-${rule.max}`);
  }
  return value;
}

function parseNumber(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}
