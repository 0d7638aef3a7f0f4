import { afterAll, beforeAll, expect, it } from 'vitest';
import { newTicket, ticketWrite } from '../../../../functions/orchestrator/intake.ts';
import { loadFunctions } from '../../../../shared/cli/commands/start.ts';
import { ticketPartition } from '../../../../shared/domain/ticket.ts';
import { createApp, type Fetch } from '../../../../shared/http/app.ts';
import { put } from '../../../../shared/pipeline/writes.ts';
import { type Bench, openBench } from '../../../conformance/driver.ts';

const id = `tkt_${'c'.repeat(26)}`;
let bench: Bench;
let front: Fetch;
beforeAll(async () => {
  bench = openBench('local');
  front = createApp(bench.runtime, await loadFunctions());
});
afterAll(() => bench.remove());

it('a followed ticket shows what its models cost, to the last digit, and how people were told', async () => {
  const ticket = newTicket(id, { description: 'Hello', customerId: 'cus_a', channel: 'api' }, 1);
  const told = { outcome: 'unknown', channel: 'webhook', reason: 'no answer', at: 2 };
  const writes = [
    ticketWrite(ticket, 'absent'),
    put('cost/a', { v: 1, usd: '0.000000000001' }),
    put('cost/b', { v: 1, usd: '1.2' }),
    put('escalation/1', { v: 1, ...told }),
  ];
  await bench.runtime.store.commit(`main/${ticketPartition(id)}`, writes, 'made');
  const headers = { authorization: `Bearer ${await bench.key('viewer')}` };
  const answer = await front(new Request(`http://desk/api/tickets/${id}`, { headers }));
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({
    modelCost: { amount: '1.200000000001', currency: 'USD' },
    notifications: [told],
  });
});
