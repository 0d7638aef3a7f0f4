import type { Ticket } from '../../domain/ticket.ts';
import { parse, usageError } from '../arguments.ts';
import { CLIENT_OPTIONS, openClient } from '../client.ts';
import type { Command } from '../command.ts';
import { timeOf, toTable } from '../table.ts';

const usage =
  '[list [--state S] [--customer C] [--limit N] | show ID | open TEXT --customer C] [--url URL] [--key KEY] [--json]';

type Listed = Pick<Ticket, 'id' | 'state' | 'priority' | 'customerId' | 'openedAt'> & { subject?: string };
type Followed = Omit<Ticket, 'v'> & { messages: { from: string; text: string }[] };

export const command: Command = {
  about: 'List, follow and open tickets',
  usage,
  async run(args) {
    const options = {
      ...CLIENT_OPTIONS,
      state: { type: 'string' },
      customer: { type: 'string' },
      limit: { type: 'string' },
    } as const;
    const { values, positionals } = parse(args, options, `tickets ${usage}`);
    const [what = 'list', subject] = positionals;
    const client = openClient(values);
    const print = (value: unknown, text: () => string) => console.log(values.json ? JSON.stringify(value) : text());
    if (what === 'list') {
      const query = new URLSearchParams(
        Object.entries({ state: values.state, customer: values.customer, limit: values.limit }).flatMap(
          ([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]),
        ),
      );
      const page = (await client.get(`/api/tickets?${query}`)) as { items: Listed[] }; // the API's own schema
      print(page, () =>
        toTable(
          ['id', 'state', 'priority', 'customer', 'opened (UTC)'],
          page.items.map((one) => [one.id, one.state, one.priority, one.customerId, timeOf(one.openedAt)]),
        ),
      );
    } else if (what === 'show' && subject) {
      const ticket = (await client.get(`/api/tickets/${encodeURIComponent(subject)}`)) as Followed; // the API's own schema
      print(ticket, () => describe(ticket));
    } else if (what === 'open' && subject && values.customer) {
      const accepted = (await client.post('/api/tickets', {
        description: subject,
        customerId: values.customer,
        channel: 'api',
      })) as { id: string }; // the API's own schema
      print(accepted, () => accepted.id);
    } else throw usageError(`Usage: trifold tickets ${usage}`);
  },
};

function describe(ticket: Followed): string {
  const { decision } = ticket;
  return [
    `${ticket.id}  ${ticket.state}  ${ticket.priority}  ${ticket.customerId}`,
    ...ticket.timeline.map(({ at, what, detail }) => `${timeOf(at)}  ${what}${detail ? `: ${detail}` : ''}`),
    '',
    `customer: ${ticket.description}`,
    ...ticket.messages.map(({ from, text }) => `\n${from}: ${text}`),
    ...(decision?.kind === 'handoff' && decision.suggestedReply
      ? [`\nsuggested reply: ${decision.suggestedReply}`]
      : []),
  ].join('\n');
}
