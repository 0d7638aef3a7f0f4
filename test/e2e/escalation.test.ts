import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../shared/clouds/local/store.ts';
import { systemClock } from '../../shared/ports/clock.ts';
import { eventually } from '../contracts/support.ts';
import { call, codeOf } from '../support/api.ts';
import { type RunningDesk, startDesk } from '../support/desk.ts';
import { ended, postTicket, readMix } from '../support/tickets.ts';
import { isSigned, openWebhookReceiver, type WebhookReceiver } from '../support/webhook.ts';

interface Letter {
  readonly id: string;
  readonly source: string;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly replayedAt?: number;
}

const SECRET = 'a shared word';
/** No specialist knows it, so a human gets it: nobody has this customer. */
const ticket = {
  ...readMix()[0],
  customerId: 'cus_nobody',
  channel: 'api',
  expect: { intents: [], outcome: 'handed_over' },
} as const;
const forHuman = {
  ...ticket,
  description: 'I want to speak to your lawyer about a court order concerning our invoices.',
};

let desk: RunningDesk;
let webhook: WebhookReceiver;
beforeAll(async () => {
  webhook = await openWebhookReceiver();
  const env = { TRIFOLD_WEBHOOK_URL: webhook.url, TRIFOLD_WEBHOOK_SECRET: SECRET, TRIFOLD_MAX_ATTEMPTS: '2' };
  desk = await startDesk({ env });
});
beforeEach(() => {
  webhook.answer(200);
});
afterAll(async () => {
  await desk?.remove();
  await webhook.close();
});

const keyOf = (id: string): string => `${id}:1:1`;
const toldOf = (id: string) => webhook.received.filter(({ headers }) => headers['idempotency-key'] === keyOf(id));
const letters = async (): Promise<Letter[]> =>
  (await call<{ items: Letter[] }>(desk, 'GET', '/api/dead-letters?queue=escalations')).body.items;
const handOver = async (): Promise<string> => {
  const id = await postTicket(desk, forHuman);
  expect((await ended(desk, id)).state).toBe('handed_over');
  return id;
};
/** What stands on the ticket about its escalation. */
const recorded = async (id: string) => {
  const store = openStore(join(desk.data, 'store.db'), systemClock);
  try {
    return (
      await eventually(
        () => store.get(`main/ticket/${id}`, 'escalation/1'),
        (item) => item !== undefined,
      )
    )?.value;
  } finally {
    await store.close?.();
  }
};

it('reaches the webhook once, signed, with its idempotency key and all that a human needs', async () => {
  const id = await handOver();
  await eventually(
    async () => toldOf(id),
    (told) => told.length > 0,
  );
  expect(await recorded(id)).toMatchObject({ outcome: 'sent', channel: 'webhook' });
  const [told] = toldOf(id);
  if (!told) throw new Error('Nobody was told');
  expect(isSigned(told, SECRET)).toBe(true);
  expect(isSigned({ ...told, body: told.body.replace('escalation', 'escalatiom') }, SECRET)).toBe(false);
  const notification = JSON.parse(told.body) as Record<string, unknown>;
  expect(notification).toMatchObject({
    key: keyOf(id),
    kind: 'escalation',
    data: { ticketId: id, customerId: 'cus_nobody', transcript: forHuman.description },
  });
  expect(toldOf(id)).toHaveLength(1);
});

it('to a webhook that is down is tried again, becomes a dead letter with its reason, and arrives by replay once it is up', async () => {
  await webhook.close();
  const id = await handOver();
  const [letter] = await eventually(letters, (items) => items.length > 0);
  expect(letter).toMatchObject({ source: 'escalations', code: 'notification_failed', attempts: 2 });
  expect(letter?.reason).toMatch(/webhook: no connection/);
  await webhook.open();
  const replayed = await call<Letter>(desk, 'POST', `/api/dead-letters/${letter?.id}/replay`);
  expect([replayed.status, replayed.body.replayedAt]).toEqual([202, expect.any(Number)]);
  await eventually(
    async () => toldOf(id),
    (told) => told.length > 0,
  );
  expect(await recorded(id)).toMatchObject({ outcome: 'sent' });
  expect(toldOf(id)).toHaveLength(1);
  expect((await letters()).find((one) => one.id === letter?.id)?.replayedAt).toEqual(expect.any(Number));
});

it('that the webhook refuses becomes a dead letter, and a replay that fails again is listed as dead again', async () => {
  webhook.answer(403);
  const before = new Set((await letters()).map(({ id }) => id));
  const id = await handOver();
  const mine = async () => (await letters()).filter((letter) => !before.has(letter.id));
  const [letter] = await eventually(mine, (items) => items.length > 0);
  expect(letter).toMatchObject({ code: 'notification_failed', attempts: 2 });
  expect(letter?.reason).toMatch(/webhook: HTTP 403/);
  expect(toldOf(id)).toHaveLength(2);

  expect((await call(desk, 'POST', `/api/dead-letters/${letter?.id}/replay`)).status).toBe(202);
  const [again] = await eventually(mine, ([one]) => one !== undefined && one.replayedAt === undefined);
  expect([again?.id, again?.replayedAt]).toEqual([letter?.id, undefined]);
  expect(toldOf(id)).toHaveLength(4);

  webhook.answer(200);
  expect((await call(desk, 'POST', `/api/dead-letters/${letter?.id}/replay`)).status).toBe(202);
  expect(await recorded(id)).toMatchObject({ outcome: 'sent' });
});

it('that may have arrived (the webhook answers 500) is not sent twice, and the ticket says so', async () => {
  webhook.answer(500);
  const id = await handOver();
  expect(await recorded(id)).toMatchObject({ outcome: 'unknown', channel: 'webhook', reason: 'HTTP 500' });
  expect(toldOf(id)).toHaveLength(1);
});

it('a dead letter that does not exist cannot be replayed', async () => {
  expect(codeOf(await call(desk, 'POST', '/api/dead-letters/dl_none/replay'))).toBe('not_found');
});
