import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBreaker } from '../../../../shared/models/routing/breaker.ts';
import type { Store } from '../../../../shared/ports/store.ts';
import { AWAY, DOWN, type Rig, SUMMARISE, SUMMARY, startRig, THREE } from './rig.ts';

const CONFIG = { ...THREE, tasks: { default: { models: ['mini'], fallbacks: ['flash'] } } };
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => {
  rig.peer.reset();
  rig.clock.advance(10 * 60_000);
  rig.peer.script('gemini-2.5-flash').otherwise = () => SUMMARY;
});
afterAll(() => rig.close());

const callsOf = (model: string) => rig.peer.heard.filter((one) => one.model === model).length;

describe('a breaker shared by all instances', () => {
  it('opens for all of them when they fail together, and closes for all on one good probe', async () => {
    const instances = Array.from({ length: 10 }, () => rig.instance(CONFIG));
    rig.peer.script('gpt-5-mini').otherwise = () => DOWN;
    const everybody = () => Promise.all(instances.map(({ model }) => model.ask('summary', SUMMARISE)));
    for (const { model } of instances.slice(0, 3)) await model.ask('summary', SUMMARISE);
    expect(callsOf('gpt-5-mini')).toBe(3);
    rig.clock.advance(1_000);
    await everybody();
    expect(callsOf('gpt-5-mini')).toBe(3);
    rig.clock.advance(60_000);
    await everybody();
    expect(callsOf('gpt-5-mini')).toBe(4);
    rig.peer.script('gpt-5-mini').otherwise = () => SUMMARY;
    rig.clock.advance(61_000);
    await everybody();
    expect(callsOf('gpt-5-mini')).toBe(5);
    rig.clock.advance(1_000);
    await everybody();
    expect(callsOf('gpt-5-mini')).toBe(15);
  });

  it('weighs failures against the successes of the others', async () => {
    rig.peer.script('gpt-5-mini').otherwise = () => SUMMARY;
    const [busy, unlucky] = [rig.instance(CONFIG), rig.instance(CONFIG)];
    rig.peer.script('gpt-5-mini').lines.push(DOWN);
    await unlucky.model.ask('summary', SUMMARISE);
    for (let i = 0; i < 20; i++) await busy.model.ask('summary', SUMMARISE);
    // A second later the busy one reads of the failure, and tells of its successes.
    rig.clock.advance(1_000);
    await busy.model.ask('summary', SUMMARISE);
    rig.clock.advance(1_000);
    rig.peer.script('gpt-5-mini').lines.push(DOWN, DOWN, DOWN);
    for (let i = 0; i < 4; i++) await unlucky.model.ask('summary', SUMMARISE);
    expect(callsOf('gpt-5-mini')).toBe(26);
  });

  it('is not moved by 429s, 400s and filters, however many', async () => {
    const { model } = rig.instance(CONFIG);
    const { lines } = rig.peer.script('gpt-5-mini');
    for (const line of [
      { kind: 'filter', what: 'answer' },
      { kind: 'status', status: 400 },
    ] as const)
      for (let i = 0; i < 5; i++) {
        lines.push(line);
        await model.ask('summary', SUMMARISE);
      }
    for (let i = 0; i < 5; i++) {
      lines.push({ kind: 'status', status: 429, headers: { 'retry-after': '1' } });
      await model.ask('summary', SUMMARISE);
      rig.clock.advance(1_000);
    }
    expect(callsOf('gpt-5-mini')).toBe(15);
  });

  it('tells the other instances of a 429, and they leave the model alone as well', async () => {
    const [one, other] = [rig.instance(CONFIG), rig.instance(CONFIG)];
    rig.peer.script('gpt-5-mini').lines.push({ kind: 'status', status: 429, headers: { 'retry-after': '30' } });
    await one.model.ask('summary', SUMMARISE);
    await other.model.ask('summary', SUMMARISE);
    expect(callsOf('gpt-5-mini')).toBe(1);
    rig.clock.advance(30_000);
    rig.peer.script('gpt-5-mini').otherwise = () => SUMMARY;
    await other.model.ask('summary', SUMMARISE);
    expect(callsOf('gpt-5-mini')).toBe(2);
  });

  it('is half-open before its minute is over when a health check reaches the model', async () => {
    const { model, router } = rig.instance(CONFIG);
    rig.peer.script('gpt-5-mini').otherwise = () => DOWN;
    for (let i = 0; i < 3; i++) await model.ask('summary', SUMMARISE);
    expect(await router.checkHealth()).toEqual({ open: 1, reached: 0 });
    rig.peer.script('gpt-5-mini').otherwise = () => SUMMARY;
    expect(await rig.instance(CONFIG).router.checkHealth()).toEqual({ open: 1, reached: 1 });
    rig.clock.advance(1_000);
    expect(await model.ask('summary', SUMMARISE)).not.toHaveProperty('fallback');
    expect(await router.checkHealth()).toEqual({ open: 0, reached: 0 });
  });

  it('writes nothing while all goes well, and reads once a second', async () => {
    let [reads, writes] = [0, 0];
    const store: Store = {
      ...AWAY,
      get: (...args) => {
        reads += 1;
        return rig.store.get(...args);
      },
      commit: (...args) => {
        writes += 1;
        return rig.store.commit(...args);
      },
    };
    const breaker = createBreaker({ store, clock: rig.clock, log: { debug() {}, info() {}, warn() {}, error() {} } });
    for (let i = 0; i < 100; i++) {
      const admission = await breaker.admit('some/model');
      await breaker.report('some/model', admission, { kind: 'answered' });
      rig.clock.advance(100);
    }
    expect({ reads, writes }).toEqual({ reads: 10, writes: 0 });
  });
});
