/** US dollars in units of 10^-12, exact: a tenth of a cent for a million tokens still has six digits of its own. */
export type Pico = bigint;

const SCALE = 12;

/** Of a decimal string such as `0.0375`; throws on anything else. */
export function toPico(decimal: string): Pico {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d{1,18})(?:\.(\d{1,12}))?$/.exec(decimal) ?? [];
  if (whole === '') throw new RangeError(`"${decimal}" is no decimal amount`);
  const units = BigInt(whole + fraction.padEnd(SCALE, '0'));
  return sign ? -units : units;
}

/** As a decimal string without needless zeros. */
export function fromPico(pico: Pico): string {
  const digits = (pico < 0n ? -pico : pico).toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${pico < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction ? `.${fraction}` : ''}`;
}

/** For metrics, where a float will do. */
export const toNumber = (pico: Pico): number => Number(pico) / 10 ** SCALE;
