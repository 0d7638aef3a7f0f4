import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fate } from '../../support/faulty.ts';
import { type Machine, openMachine } from '../../support/machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await openMachine();
});
afterAll(() => machine.remove());

it('a request that failed gives its key back, so that it may be tried again at once', async () => {
  const key = crypto.randomUUID();
  // All tries of the handler's commit are refused; the first commit is the hold on the key.
  let commits = 0;
  const failing = await machine.start((_, kind) => {
    if (kind !== 'commit') return 'well';
    commits++;
    return commits >= 3 && commits <= 6 ? 'refused' : 'well';
  });
  expect(await failing.post(key, key)).toEqual({ status: 503 });
  expect((await failing.post(key, key))?.status).toBe(201);
});

it.each<Fate>(['lost answer', 'own retry'])(
  'a request whose hold met a %s goes on: the hold is its own',
  async (fate) => {
    const key = crypto.randomUUID();
    let commits = 0;
    // The first commit is the slice of the rate limit.
    const process = await machine.start((_, kind) => (kind === 'commit' && ++commits === 2 ? fate : 'well'));
    expect((await process.post(key, key))?.status).toBe(201);
    expect(commits).toBeGreaterThanOrEqual(3);
  },
);
