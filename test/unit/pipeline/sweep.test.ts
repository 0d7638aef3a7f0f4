import { afterAll, beforeAll, expect, it } from 'vitest';
import { UnavailableError } from '../../../shared/errors.ts';
import { prepareEmit, prepareSend } from '../../../shared/pipeline/outbox.ts';
import { recover, sweep } from '../../../shared/pipeline/sweep.ts';
import { startSpan } from '../../../shared/trace.ts';
import { type Machine, openMachine } from '../../support/machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await openMachine();
});
afterAll(() => machine.remove());

/** Entries whose process ended before it could send what they left in their outboxes. */
async function leaveBehind(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => crypto.randomUUID());
  for (const name of names) {
    await machine.send(name);
    const dying = await machine.start((_, kind) => (kind === 'send' ? 'crash before' : 'well'));
    // The event may be out already: both leave at the same time.
    await dying.consume();
    expect(dying.crashed()).toBe(true);
  }
  return names;
}

it('a queue that takes nothing keeps no other message back', async () => {
  const names = await leaveBehind(12);
  machine.clock.advance(31_000);
  const { runtime } = await machine.start();
  const send = async () => {
    throw new UnavailableError('The queue', 'none');
  };
  await expect(sweep({ ...runtime, queue: { send } })).rejects.toThrow('The queue');
  const healthy = await machine.start();
  await healthy.consume({ most: 100 });
  await healthy.consume({ most: 100 });
  for (const name of names) expect(await machine.counts(name)).toEqual({ entry: 1, next: 0, counted: 1 });
  await machine.settle();
  for (const name of names) expect(await machine.counts(name)).toEqual({ entry: 1, next: 1, counted: 1 });
});

it('nor one of the same shard', async () => {
  const { clock, store } = machine;
  const name = crypto.randomUUID();
  const partition = `main/shared-shard`;
  const origin = { workspace: 'main', partition, source: 'test', trace: startSpan(undefined), now: clock.now() };
  const shardOf = ({ write }: ReturnType<typeof prepareSend>) => (write.kind === 'put' ? write.indexes?.due?.hash : '');
  const event = prepareEmit({ type: 'ledger.counted', subject: name, data: { name } }, origin);
  const blocked = () => prepareSend({ to: 'ledger-next', data: { name } }, origin);
  let message = blocked();
  while (shardOf(message) !== shardOf(event)) message = blocked();
  await store.commit(partition, [event.write, message.write], 'both');
  clock.advance(31_000);
  const { runtime, consume } = await machine.start();
  const send = async () => {
    throw new UnavailableError('The queue', 'none');
  };
  await expect(sweep({ ...runtime, queue: { send } })).rejects.toThrow('The queue');
  expect([await machine.outbox(), await consume()]).toEqual([1, 1]);
  await machine.settle();
  expect(await machine.counts(name)).toEqual({ entry: 0, next: 1, counted: 1 });
});

it('leaves a message to the instance that wrote it, until its grace is over', async () => {
  const [name = ''] = await leaveBehind(1);
  const { runtime } = await machine.start();
  expect(await sweep(runtime)).toBe(0);
  machine.clock.advance(31_000);
  expect(await sweep(runtime)).toBeGreaterThanOrEqual(1);
  await machine.settle();
  expect(await machine.counts(name)).toEqual({ entry: 1, next: 1, counted: 1 });
});

it('at the start of a host what was left leaves at once, and timers wait for their time', async () => {
  const [left = ''] = await leaveBehind(1);
  const { clock, store } = machine;
  const timed = crypto.randomUUID();
  const partition = 'main/timers';
  const origin = { workspace: 'main', partition, source: 'test', trace: startSpan(undefined), now: clock.now() };
  const timer = prepareSend(
    { to: 'ledger-next', data: { name: timed }, at: clock.now() + 20_000, name: 'soon' },
    origin,
  );
  await store.commit(partition, [timer.write], 'timer');

  const process = await machine.start();
  expect(await recover(process.runtime)).toBeGreaterThanOrEqual(1);
  await process.consume();
  await process.consume();
  expect([(await machine.counts(left)).next, (await machine.counts(timed)).next]).toEqual([1, 0]);

  clock.advance(20_001);
  await sweep(process.runtime);
  await process.consume();
  expect((await machine.counts(timed)).next).toBe(1);
});
