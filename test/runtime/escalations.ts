import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** Where people are told of tickets: a webhook's receiver at the network's edge. */
export interface Receiver {
  readonly url: string;
  /** Tickets that people were told of, in order. */
  readonly told: readonly string[];
  /** Refuses notifications of this ticket, until told otherwise. */
  refuse(ticketId: string | undefined): void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const told: string[] = [];
  let refused: string | undefined;
  const server = createServer(async (request, response) => {
    const { data } = (await json(request)) as { data: { ticketId: string } }; // our webhook's body
    if (data.ticketId !== refused) told.push(data.ticketId);
    response.writeHead(data.ticketId === refused ? 429 : 204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`, // of a TCP server that listens
    told,
    refuse: (ticketId) => {
      refused = ticketId;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
