import { randomBytes } from 'node:crypto';

/** One call to the system's generator serves many ids: the call costs more than the bytes. */
const POOL = 4096;
let pool = randomBytes(POOL);
let used = 0;

function take(bytes: number): number {
  if (used + bytes > POOL) {
    pool = randomBytes(POOL);
    used = 0;
  }
  used += bytes;
  return used - bytes;
}

/** Random bytes as lower-case hexadecimal digits. */
export function randomHex(bytes: number): string {
  const at = take(bytes);
  return pool.toString('hex', at, at + bytes);
}

/** From 0 up to (not including) 1, in steps of 2^-32; from the system's generator. */
export const randomFraction = (): number => pool.readUInt32LE(take(4)) / 2 ** 32;
