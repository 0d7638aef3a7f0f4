import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTicket, ticketIndexes } from '../../../../functions/orchestrator/intake.ts';
import { loadFunctions } from '../../../../shared/cli/commands/start.ts';
import { type Ticket, ticketPartition } from '../../../../shared/domain/ticket.ts';
import { createApp, type Fetch } from '../../../../shared/http/app.ts';
import { toResponse } from '../../../../shared/http/exchange.ts';
import type { Write } from '../../../../shared/ports/store.ts';
import { type Bench, openBench } from '../../../conformance/driver.ts';

describe('what a customer says to a ticket', () => {
  let bench: Bench;
  let front: Fetch;
  let key: string;
  beforeAll(async () => {
    bench = openBench('local');
    key = await bench.key('operator');
    front = createApp(bench.runtime, await loadFunctions());
  });
  afterAll(() => bench.remove());

  /** A ticket in a state, without the desk's help. */
  async function ticketIn(state: Ticket['state'], n: string): Promise<string> {
    const id = `tkt_${n.padEnd(26, '0')}`;
    const ticket: Ticket = {
      ...newTicket(id, { description: 'Hello', customerId: 'cus_a', channel: 'api' }, 1),
      state,
    };
    const write: Write = { kind: 'put', key: 'ticket', value: ticket, if: 'absent', indexes: ticketIndexes(ticket) };
    await bench.runtime.store.commit(`main/${ticketPartition(id)}`, [write], 'made');
    return id;
  }
  const say = async (id: string, text: string) =>
    toResponse(
      await front(
        new Request(`http://desk/api/tickets/${id}/messages`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ text }),
        }),
      ),
    );
  const ticketOf = async (id: string): Promise<Ticket> =>
    (await bench.runtime.store.get(`main/${ticketPartition(id)}`, 'ticket'))?.value as unknown as Ticket; // written above or by the desk

  it('opens a closed ticket again and hands it to a human, who is told once', async () => {
    const id = await ticketIn('closed', 'a');
    const answer = await say(id, 'That did not help');
    expect([answer.status, await answer.json()]).toMatchObject([201, { state: 'handed_over' }]);
    expect(await ticketOf(id)).toMatchObject({
      state: 'handed_over',
      episode: 2,
      decision: { kind: 'handoff', version: 1 },
    });
    expect((await bench.base.queues.depth('escalations')).ready).toBe(1);
    await say(id, 'Are you there?');
    expect((await bench.base.queues.depth('escalations')).ready).toBe(1);
    const { items } = await bench.runtime.store.list(`main/${ticketPartition(id)}`, { prefix: 'message/' });
    expect(items.map((item) => (item.value as { text: string }).text)).toEqual(['That did not help', 'Are you there?']);
  });

  it('is kept while the specialists are at work', async () => {
    const id = await ticketIn('gathering', 'b');
    expect(await (await say(id, 'One more thing')).json()).toMatchObject({ state: 'gathering' });
  });

  it('answers 404 for a ticket that is not there', async () => {
    expect((await say(`tkt_${'z'.repeat(26)}`, 'Hello')).status).toBe(404);
  });
});
