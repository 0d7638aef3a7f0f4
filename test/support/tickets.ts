import { readFileSync } from 'node:fs';
import { isTerminal } from '../../shared/domain/ticket.ts';
import { eventually } from '../contracts/support.ts';
import { call, type Followed, type Listed } from './api.ts';
import type { RunningDesk } from './desk.ts';

type Desk = Pick<RunningDesk, 'url' | 'key'>;

export interface MixTicket {
  readonly description: string;
  readonly customerId: string;
  readonly channel: 'api';
  readonly expect: { readonly intents: readonly string[]; readonly outcome: 'closed' | 'handed_over' };
}

/** The fixed mix of tickets. */
export const readMix = (): MixTicket[] =>
  JSON.parse(readFileSync(new URL('../../events/mix.json', import.meta.url), 'utf8')) as MixTicket[]; // checked by test/unit/sample-data.test.ts

/** What is posted of a ticket of the mix. */
export const requestOf = ({ expect: _, ...request }: MixTicket): Omit<MixTicket, 'expect'> => request;

/** Posts one ticket of the mix and returns its id. */
export async function postTicket(desk: Desk, ticket: MixTicket, idempotencyKey?: string): Promise<string> {
  const headers: Record<string, string> = idempotencyKey ? { 'idempotency-key': idempotencyKey } : {};
  const answer = await call<{ id: string }>(desk, 'POST', '/api/tickets', requestOf(ticket), headers);
  if (answer.status !== 202)
    throw new Error(`POST /api/tickets answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

/** Tickets that reached a terminal state, by the desk's own metrics. */
export async function terminal(desk: Pick<RunningDesk, 'url'>): Promise<{ closed: number; handedOver: number }> {
  const text = await (await fetch(`${desk.url}/metrics`)).text();
  const sum = (status: string) =>
    [...text.matchAll(new RegExp(`^tickets_processed\\{status="${status}".*\\} (\\d+)$`, 'gm'))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    );
  return { closed: sum('closed'), handedOver: sum('handed_over') };
}

/** A ticket once the machine is through with it; fails when that does not happen in about half a minute. */
export async function ended(desk: Desk, id: string): Promise<Followed> {
  const look = async () => (await call<Followed>(desk, 'GET', `/api/tickets/${id}`)).body;
  const ticket = await eventually(look, (seen) => isTerminal(seen.state), 150);
  if (!isTerminal(ticket.state)) throw new Error(`${id} is still ${ticket.state}`);
  return ticket;
}

/** Every ticket of a list, page by page. */
export async function allTickets(desk: Desk, query = ''): Promise<Listed['items']> {
  const items: Listed['items'] = [];
  let cursor = '';
  do {
    const page = await call<Listed>(desk, 'GET', `/api/tickets?limit=200${query}${cursor}`);
    if (page.status !== 200) throw new Error(`GET /api/tickets answered ${page.status}`);
    items.push(...page.body.items);
    cursor = page.body.cursor === undefined ? '' : `&cursor=${encodeURIComponent(page.body.cursor)}`;
  } while (cursor);
  return items;
}
