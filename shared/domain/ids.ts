import { createHash } from 'node:crypto';
import { ulid } from 'ulidx';
import { randomFraction } from '../random.ts';

/** Prefixes of ids by what they name. */
export type IdPrefix = 'tkt' | 'tsk' | 'msg' | 'evt' | 'acc' | 'res' | 'key' | 'cmt' | 'dl';

/** A new id that sorts by its time: `tkt_01J…`. */
export const newId = (prefix: IdPrefix | (string & {}), now: number): string =>
  `${prefix}_${ulid(now, randomFraction).toLowerCase()}`;

/** The same id for the same parts, so that duplicates meet: 26 characters of SHA-256, 130 bits. */
export function idFrom(prefix: IdPrefix | (string & {}), ...parts: readonly string[]): string {
  return `${prefix}_${digest(JSON.stringify(parts))}`;
}

/** 26 characters (base 32 of SHA-256) that stand for a text. */
export function digest(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  let bits = 0n;
  for (const byte of bytes.subarray(0, 17)) bits = (bits << 8n) | BigInt(byte);
  let out = '';
  for (let i = 0; i < 26; i++) {
    out += 'abcdefghijklmnopqrstuvwxyz234567'[Number(bits & 31n)];
    bits >>= 5n;
  }
  return out;
}

/** Epoch milliseconds as a part of a key: text order is time order until the year 33658. */
export const timeKey = (ms: number): string => String(Math.trunc(ms)).padStart(15, '0');
