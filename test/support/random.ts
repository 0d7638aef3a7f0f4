/** The same numbers for the same seed, 0 up to 1 (mulberry32): a failed run can be had again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `TRIFOLD_SEED`, or a new one. */
export const chooseSeed = (): number => Number(process.env['TRIFOLD_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
