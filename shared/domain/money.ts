import * as z from 'zod/mini';
import { badRequest } from '../errors.ts';

/** Amount as a decimal string with its ISO 4217 currency; never a float. */
export interface Money<C extends string = string> {
  readonly amount: string;
  readonly currency: C;
}

const DECIMAL = /^-?\d{1,18}(\.\d{1,12})?$/;

export const MoneySchema = z.strictObject({
  amount: z.string().check(z.regex(DECIMAL, 'a decimal number such as "12.50"')),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as "USD"')),
});

const SCALE = 12;

/** Units of 10^-12, exact. */
function toUnits(amount: string): bigint {
  if (!DECIMAL.test(amount)) throw badRequest(`"${amount}" is no decimal amount`);
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const units = BigInt(whole) * 10n ** BigInt(SCALE) + BigInt(fraction.padEnd(SCALE, '0'));
  return amount.startsWith('-') ? -units : units;
}

function fromUnits(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0');
  const whole = digits.slice(0, -SCALE);
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

/** Exact sum of decimal strings; `0` of none. Throws on anything that is no decimal. */
export const sumDecimals = (amounts: Iterable<string>): string => {
  let total = 0n;
  for (const amount of amounts) total += toUnits(amount);
  return fromUnits(total);
};

/** Adds two amounts of one currency; the type refuses two currencies that are known apart, a throw those that are not. */
export function addMoney<C extends string>(a: Money<C>, b: Money<NoInfer<C>>): Money<C> {
  if (a.currency !== b.currency) throw badRequest(`${a.currency} and ${b.currency} cannot be added`);
  return { amount: sumDecimals([a.amount, b.amount]), currency: a.currency };
}

/** -1, 0 or 1, exact. */
export function compareDecimals(a: string, b: string): number {
  const [x, y] = [toUnits(a), toUnits(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** For people: two decimals and the currency, `19.00 USD`; rounds half away from zero. */
export function formatMoney(money: Money): string {
  const units = toUnits(money.amount);
  const cent = 10n ** BigInt(SCALE - 2);
  const cents = ((units < 0n ? -units : units) + cent / 2n) / cent;
  const text = cents.toString().padStart(3, '0');
  return `${units < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)} ${money.currency}`;
}
