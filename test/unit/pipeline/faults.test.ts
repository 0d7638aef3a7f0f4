import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallKind, FAULTS, type Fate } from '../../support/faulty.ts';
import { type Machine, openMachine, type Process } from '../../support/machine.ts';

const FATES: readonly Exclude<Fate, 'well'>[] = [...FAULTS, 'crash before', 'crash after'];
const ONCE = { entry: 1, next: 1, counted: 1 };
const NEVER = { entry: 0, next: 0, counted: 0 };

describe('with a store, queue and bus that fail in every place where they can', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await openMachine();
  });
  afterAll(() => machine.remove());

  /** Runs `scenario` with the fault at the first call, the second, and so on, until a run passes without meeting it. */
  async function inEveryPlace(
    fate: Fate,
    scenario: (start: (healthy?: boolean) => Promise<Process>, name: string) => Promise<void>,
    counts: (call: number, kind: CallKind) => boolean = () => true,
  ): Promise<number> {
    for (let place = 1; place <= 60; place++) {
      let met = false;
      let before = 0;
      const fateOf = (call: number, kind: CallKind) => {
        if (!counts(call, kind) || ++before !== place) return 'well';
        met = true;
        return fate;
      };
      await scenario(
        (healthy) => machine.start(healthy ? undefined : fateOf),
        `${fate} ${place} ${crypto.randomUUID()}`,
      );
      if (!met) return place - 1;
    }
    throw new Error('The scenario never ends');
  }

  it.each(FATES)(
    '%s: a POST without key that was acknowledged took effect once, any other at most once',
    async (fate) => {
      const places = await inEveryPlace(fate, async (start, name) => {
        const process = await start();
        const answer = await process.post(name);
        await machine.settle();
        if (answer?.id) {
          expect(answer.status).toBe(201);
          expect([name, await machine.counts(answer.id), await passedOn(name)]).toEqual([
            name,
            { ...NEVER, entry: 1 },
            [1, 1],
          ]);
        } else {
          if (answer) expect(answer.status).toBe(503);
          const [next, counted] = await passedOn(name);
          expect([name, next, next <= 1]).toEqual([name, counted, true]);
        }
      });
      expect(places).toBeGreaterThanOrEqual(4);
    },
  );

  /** The effects of an entry that are known by its name, not by its id. */
  const passedOn = async (name: string): Promise<[number, number]> => {
    const { next, counted } = await machine.counts(name);
    return [next, counted];
  };

  it.each(FATES)('%s: a POST that is repeated with its key until it is answered takes effect once', async (fate) => {
    const places = await inEveryPlace(fate, async (start, name) => {
      const key = name.replaceAll(' ', '-');
      const ids = new Set<string>();
      let process = await start();
      for (let attempt = 1; attempt <= 4; attempt++) {
        const answer = await process.post(name, key);
        if (answer?.id) ids.add(answer.id);
        else if (answer) expect([409, 503]).toContain(answer.status);
        // The hold of a request whose process ended runs out with its deadline.
        if (!answer || answer.status === 409) machine.clock.advance(31_000);
        if (process.crashed()) process = await start(true);
      }
      await machine.settle();
      const [id] = ids;
      expect([name, ids.size]).toEqual([name, 1]);
      expect([name, await machine.counts(id ?? ''), await passedOn(name)]).toEqual([
        name,
        { ...NEVER, entry: 1 },
        [1, 1],
      ]);
    });
    expect(places).toBeGreaterThanOrEqual(5);
  });

  it.each(FATES)(
    '%s: a queue message takes effect once, and what it sends and emits takes effect once',
    async (fate) => {
      const places = await inEveryPlace(fate, async (start, name) => {
        await machine.send(name);
        const process = await start();
        for (let round = 0; round < 6 && !process.crashed(); round++) await process.consume();
        await machine.settle();
        expect([name, await machine.counts(name)]).toEqual([name, ONCE]);
      });
      expect(places).toBeGreaterThanOrEqual(10);
    },
  );

  it.each(FATES)('%s: a message that no delivery can mend becomes one dead letter, and none is lost', async (fate) => {
    const places = await inEveryPlace(fate, async (start, name) => {
      const message = await machine.send(name, { data: { name, mode: 'fail' } });
      const process = await start();
      for (let round = 0; round < 12 && !process.crashed(); round++) await process.consume();
      const healthy = await start(true);
      for (let round = 0; round < 12; round++) await healthy.consume();
      const { items } = await machine.store.find('i2', 'dead-queue#main#ledger', { limit: 1000 });
      const letters = items.map((item) => item.value as unknown as { messageId: string }); // written by the pipeline alone
      expect([name, letters.filter(({ messageId }) => messageId === message['id']).length]).toEqual([name, 1]);
      expect([name, await machine.counts(name)]).toEqual([name, NEVER]);
      expect((await machine.queues.depth('ledger')).ready).toBe(0);
    });
    expect(places).toBeGreaterThanOrEqual(1);
  });

  it.each(FATES)('%s: what a crash left in an outbox leaves with a sweep, and takes effect once', async (fate) => {
    const places = await inEveryPlace(
      fate,
      async (start, name) => {
        // Its first call publishes nothing: the outbox rows stay behind.
        await machine.send(name);
        const stillborn = await machine.start((call) => (call === CALLS_BEFORE_PUBLISH ? 'crash before' : 'well'));
        await stillborn.consume();
        expect([stillborn.crashed(), await machine.outbox()]).toEqual([true, 2]);
        machine.clock.advance(31_000);
        const process = await start();
        await process.sweep();
        await process.sweep();
        await machine.settle();
        expect([name, await machine.counts(name)]).toEqual([name, ONCE]);
      },
      (call, kind) => kind !== 'find' || call % 16 === 1,
    ); // of 64 like questions at a time, four
    expect(places).toBeGreaterThanOrEqual(8);
  });
});

/** Of the handler of `ledger`: one read, one commit. */
const CALLS_BEFORE_PUBLISH = 3;
