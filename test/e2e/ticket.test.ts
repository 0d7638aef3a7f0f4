import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../contracts/support.ts';
import { call, codeOf, type Followed, type Listed } from '../support/api.ts';
import { type RunningDesk, startDesk } from '../support/desk.ts';
import { publishFromOutside, sendFromOutside } from '../support/outside.ts';
import { allTickets, ended, postTicket, readMix, requestOf } from '../support/tickets.ts';

const mix = readMix();
const answerable = mix.filter(({ expect }) => expect.outcome === 'closed');
const forHumans = mix.filter(({ expect }) => expect.outcome === 'handed_over');
const first = <T>(items: readonly T[]): T => {
  const [item] = items;
  if (item === undefined) throw new Error('The mix has none');
  return item;
};

let desk: RunningDesk;
beforeAll(async () => {
  desk = await startDesk({ sample: true });
});
afterAll(() => desk?.remove());

it('a ticket by HTTP is accepted with its id and where to follow it, worked on, and answered', async () => {
  const outcomes = await Promise.all(
    answerable.slice(0, 12).map(async (ticket) => {
      const accepted = await call<{ id: string; status: string; follow: string }>(
        desk,
        'POST',
        '/api/tickets',
        requestOf(ticket),
      );
      expect([accepted.status, accepted.body.status, accepted.headers.get('location')]).toEqual([
        202,
        'received',
        accepted.body.follow,
      ]);
      return ended(desk, accepted.body.id);
    }),
  );
  const closed = outcomes.filter(({ state }) => state === 'closed');
  // How many of them are answered well is the concern of test/unit/mix.test.ts.
  expect(closed.length).toBeGreaterThan(0);
  for (const ticket of closed) {
    const { decision, messages, timeline, triage, findings, expected } = ticket;
    expect(decision?.kind).toBe('reply');
    expect(messages).toEqual([
      { id: `${ticket.id}-1`, from: 'desk', text: decision?.suggestedReply, at: ticket.endedAt, decision: 1 },
    ]);
    expect(timeline.map(({ what }) => what)).toEqual(['received', 'triaged', 'replied']);
    expect(triage?.intents.length).toBeGreaterThan(0);
    expect(findings.map(({ agent }) => agent).sort()).toEqual([...expected].sort());
  }
});

it('a ticket that needs a human is handed over with its reason and what was found, and nobody replies', async () => {
  const outcomes = await Promise.all(
    forHumans.slice(0, 12).map(async (ticket) => ended(desk, await postTicket(desk, ticket))),
  );
  const handedOver = outcomes.filter(({ state }) => state === 'handed_over');
  expect(handedOver.length).toBeGreaterThan(0);
  for (const { decision, messages, timeline } of handedOver) {
    expect([decision?.kind, messages]).toEqual(['handoff', []]);
    expect(decision?.reason).toMatch(/\w/);
    expect(timeline.at(-1)).toMatchObject({ what: 'handed over', detail: decision?.reason });
  }
});

it('a ticket comes by the outside queue and by a bus event, once for each message however often that is sent', async () => {
  const queued = { ...requestOf(first(answerable)), customerId: 'cus_by_queue', channel: 'queue' };
  const published = { ...requestOf(first(answerable)), customerId: 'cus_by_event', channel: 'bus' };
  for (let time = 0; time < 2; time++) {
    await sendFromOutside(desk, 'order-1', queued);
    await publishFromOutside(desk, 'event-1', 'support.ticket.requested', published);
    await publishFromOutside(desk, 'event-2', 'support.ticket.requested.v1', published);
  }
  const list = (customer: string) => allTickets(desk, `&customer=${customer}`);
  expect(
    await eventually(
      () => list('cus_by_queue'),
      (seen) => seen.length > 0,
    ),
  ).toHaveLength(1);
  const byEvent = await eventually(
    () => list('cus_by_event'),
    (seen) => seen.length > 1,
  );
  expect(byEvent.map(({ channel }) => channel)).toEqual(['bus', 'bus']);
  for (const { id } of byEvent) await ended(desk, id);
  // Both deliveries of everything are through when a later message is.
  await sendFromOutside(desk, 'order-3', { ...queued, customerId: 'cus_last' });
  await eventually(
    () => list('cus_last'),
    (seen) => seen.length > 0,
  );
  expect([(await list('cus_by_queue')).length, (await list('cus_by_event')).length]).toEqual([1, 2]);
});

it('what comes by the outside queue and is no ticket becomes a dead letter with its reason', async () => {
  await sendFromOutside(desk, 'nonsense-1', { description: 'no customer, no channel' });
  const letters = await eventually(
    async () =>
      (
        await call<{ items: { code: string; messageId: string; reason: string }[] }>(
          desk,
          'GET',
          '/api/dead-letters?queue=intake',
        )
      ).body.items,
    (items) => items.length > 0,
  );
  expect(letters).toMatchObject([{ code: 'invalid_message', messageId: 'nonsense-1' }]);
  expect(letters[0]?.reason).toMatch(/customerId/);
});

it('lists tickets newest first, by state, by customer, and page by page without gap or double', async () => {
  const customerId = 'cus_of_many';
  const ids = [];
  for (let i = 0; i < 7; i++) ids.push(await postTicket(desk, { ...first(answerable), customerId }));
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const query = `customer=${customerId}&limit=3${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const page = await call<Listed>(desk, 'GET', `/api/tickets?${query}`);
    pages.push(page.body.items.map(({ id }) => id));
    cursor = page.body.cursor;
  } while (cursor);
  expect(pages.flat()).toEqual(ids.toReversed());
  expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);

  await Promise.all(ids.map((id) => ended(desk, id)));
  const all = await allTickets(desk);
  const byState = (
    await Promise.all(
      ['received', 'gathering', 'closed', 'handed_over'].map((state) => allTickets(desk, `&state=${state}`)),
    )
  ).flat();
  expect(byState.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
  expect((await allTickets(desk, '&state=closed')).every(({ state }) => state === 'closed')).toBe(true);
});

it('refuses filters that no index serves, foreign and made-up cursors, and odd limits', async () => {
  const page = await call<Listed>(desk, 'GET', '/api/tickets?limit=1');
  const queries = [
    'state=closed&customer=a',
    'state=lost',
    `state=closed&cursor=${page.body.cursor}`,
    'cursor=made-up',
    'cursor=W10',
    'limit=0',
    'limit=201',
    'limit=x',
    'sort=asc',
  ];
  for (const query of queries)
    expect([query, codeOf(await call(desk, 'GET', `/api/tickets?${query}`))]).toEqual([query, 'bad_request']);
});

it('tells a ticket that does not exist from an id that is none', async () => {
  expect(codeOf(await call(desk, 'GET', `/api/tickets/tkt_${'a'.repeat(26)}`))).toBe('not_found');
  expect(codeOf(await call(desk, 'GET', '/api/tickets/12'))).toBe('bad_request');
});

it('an idempotency key gives the first answer, 422 for another body, also after the desk was killed', async () => {
  const [one, other] = answerable;
  if (!one || !other) throw new Error('The mix is too short');
  const headers = { 'idempotency-key': 'order-4711' };
  const accepted = await call<{ id: string }>(desk, 'POST', '/api/tickets', requestOf(one), headers);
  expect(await call(desk, 'POST', '/api/tickets', requestOf(one), headers)).toMatchObject({
    status: 202,
    body: accepted.body,
  });
  await desk.kill();
  desk = await startDesk({ data: desk.data, key: desk.key });
  expect(await call(desk, 'POST', '/api/tickets', requestOf(one), headers)).toMatchObject({
    status: 202,
    body: accepted.body,
  });
  expect(codeOf(await call(desk, 'POST', '/api/tickets', requestOf(other), headers))).toBe('idempotency_key_reused');
  const followed = await call<Followed>(desk, 'GET', `/api/tickets/${accepted.body.id}`);
  expect(followed.body.description).toBe(one.description);
});

it('counts what it did in its metrics', async () => {
  const id = await postTicket(desk, first(answerable));
  const { state } = await ended(desk, id);
  const metrics = await call<string>({ ...desk, key: '' }, 'GET', '/metrics');
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(metrics.body).toMatch(new RegExp(`^tickets_processed\\{status="${state}",agent="\\w+"\\} [1-9]`, 'm'));
  expect(metrics.body).toMatch(/^ticket_resolution_time_count\{priority="P\d"\} [1-9]/m);
  expect(metrics.body).toMatch(/^# TYPE invocations_total counter$/m);
});
