import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What the desk tells people of a ticket that is handed over. */
export type Notification = { readonly data: { readonly ticketId: string } } & Readonly<Record<string, unknown>>;

/** Where people are told of tickets: a webhook's receiver at the network's edge. */
export interface People {
  readonly url: string;
  /** What they took about a ticket, in order. */
  told(ticketId: string): readonly Notification[];
  /** Refuses (429) what is told of a ticket, so many times. */
  refuse(ticketId: string, times: number): void;
  /** Takes everything again. */
  relent(): void;
  stop(): Promise<void>;
}

export async function startPeople(): Promise<People> {
  const taken: Notification[] = [];
  const refusals = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const notification = (await json(request)) as Notification; // our webhook's body
    const { ticketId } = notification.data;
    const left = refusals.get(ticketId) ?? 0;
    refusals.set(ticketId, left - 1);
    if (left <= 0) taken.push(notification);
    response.writeHead(left > 0 ? 429 : 204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`, // of a TCP server that listens
    told: (ticketId) => taken.filter(({ data }) => data.ticketId === ticketId),
    refuse: (ticketId, times) => void refusals.set(ticketId, times),
    relent: () => refusals.clear(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
