import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as health from '../../../../shared/models/routing/health.ts';
import { type Health, slotOf, standing, tally, WELL } from '../../../../shared/models/routing/health.ts';

const T = 1_700_000_000_000;
const counts = (list: string, at = T) => [...list].map((one) => slotOf(at, one === '+' ? { ok: 1 } : { failed: 1 }));
const judged = (list: string, from: Health = WELL) =>
  counts(list).reduce((state, slot) => tally(state, [slot], T), from);

describe("a model's breaker", () => {
  it.each([
    ['--', 'closed'],
    ['---', 'open'],
    ['+++---', 'open'],
    ['++++---', 'closed'],
    ['---+++', 'open'],
    ['++++++++', 'closed'],
  ])('after %s is %s', (list, state) => {
    expect(judged(list).state).toBe(state);
  });

  it('forgets what is older than a minute', () => {
    const before = tally(WELL, counts('--', T - 61_000), T - 61_000);
    expect(tally(before, counts('-'), T).state).toBe('closed');
    const succeeded = tally(WELL, counts('++++++++', T - 61_000), T - 61_000);
    expect(tally(succeeded, counts('---'), T).state).toBe('open');
  });

  it('is half-open after a minute, for one probe at a time', () => {
    const open = judged('---');
    expect(standing(open, T + 59_999)).toEqual({ kind: 'wait', until: T + 60_000, why: 'open' });
    expect(standing(open, T + 60_000)).toEqual({ kind: 'half-open' });
    const probing = health.probing(open, 'me', T + 60_000);
    expect(standing(probing, T + 60_001)).toMatchObject({ kind: 'wait' });
    // Whoever probed died.
    expect(standing(probing, T + 90_000)).toEqual({ kind: 'half-open' });
  });

  it('closes on the probe, opens again on its failure, and listens to no late probe', () => {
    const probing = health.probing(judged('---'), 'me', T + 60_000);
    expect(health.probed(probing, 'me', true, T + 61_000)).toEqual(WELL);
    const again = health.probed(probing, 'me', false, T + 61_000);
    expect(standing(again, T + 62_000)).toEqual({ kind: 'wait', until: T + 121_000, why: 'open' });
    const taken = health.probing(probing, 'other', T + 91_000);
    expect(health.probed(taken, 'me', true, T + 92_000)).toBe(taken);
  });

  it('is half-open at once when a health check reached the model', () => {
    expect(standing(health.reached(judged('---'), T + 5_000), T + 5_000)).toEqual({ kind: 'half-open' });
    expect(health.reached(WELL, T)).toBe(WELL);
  });

  it('cools down after a 429 for as long as it says, else ever longer, and stays closed', () => {
    expect(standing(health.throttled(WELL, 7_000, T), T)).toEqual({ kind: 'wait', until: T + 7_000, why: 'cooling' });
    const waits: number[] = [];
    let [state, now] = [WELL, T];
    for (let i = 0; i < 8; i++) {
      state = health.throttled(state, undefined, now);
      waits.push(state.coolUntil - now);
      now = state.coolUntil;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(state.state).toBe('closed');
    expect(tally(state, counts('+', now), now).throttles).toBe(0);
  });

  it('never opens on fewer than three failures, or on less than half (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (list) => {
        let [ok, failed] = [0, 0];
        let state: Health = WELL;
        for (const good of list) {
          if (state.state === 'open') return;
          state = tally(state, [slotOf(T, good ? { ok: 1 } : { failed: 1 })], T);
          if (good) ok += 1;
          else failed += 1;
          expect(state.state).toBe(!good && failed >= 3 && failed >= ok ? 'open' : 'closed');
        }
      }),
      { numRuns: 300 },
    );
  });
});
