import type { Condition, IndexEntries, Json, Write } from '../ports/store.ts';

/** Short forms of the three writes. `put` without a condition creates; say `any` to overwrite without looking. */
export const put = (
  key: string,
  value: Json,
  condition: Condition = 'absent',
  more: { indexes?: IndexEntries; expiresAt?: number } = {},
): Write => ({ kind: 'put', key, value, if: condition, ...more });

export const remove = (key: string, condition: Exclude<Condition, 'absent'> = 'any'): Write => ({
  kind: 'delete',
  key,
  if: condition,
});
