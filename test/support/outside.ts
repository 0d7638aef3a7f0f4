import { join } from 'node:path';
import { openQueues } from '../../shared/clouds/local/queues.ts';
import { systemClock } from '../../shared/ports/clock.ts';
import type { RunningDesk } from './desk.ts';

/** Sends from outside, as another program on the machine would: no workspace, a CloudEvent of its own. */
async function withBroker(
  desk: Pick<RunningDesk, 'data'>,
  use: (queues: ReturnType<typeof openQueues>) => Promise<void>,
) {
  const queues = openQueues(join(desk.data, 'queues.db'), systemClock);
  try {
    await use(queues);
  } finally {
    await queues.close();
  }
}

const cloudEvent = (id: string, type: string, data: unknown): string =>
  JSON.stringify({ specversion: '1.0', id, source: 'shop/orders', type, data });

export const sendFromOutside = (desk: Pick<RunningDesk, 'data'>, id: string, data: unknown): Promise<void> =>
  withBroker(desk, ({ queue }) => queue.send('intake', [{ id, body: cloudEvent(id, 'trifold.intake.v1', data) }]));

export const publishFromOutside = (
  desk: Pick<RunningDesk, 'data'>,
  id: string,
  type: string,
  data: unknown,
): Promise<void> =>
  withBroker(desk, ({ bus }) => bus.publish([{ id, type, subject: '', body: cloudEvent(id, type, data) }]));
