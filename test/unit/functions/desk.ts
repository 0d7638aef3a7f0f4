import { handlers as account } from '../../../functions/account/handlers.ts';
import { handlers as billing } from '../../../functions/billing/handlers.ts';
import { handlers as orchestrator } from '../../../functions/orchestrator/handlers.ts';
import { newTicket, ticketWrite } from '../../../functions/orchestrator/intake.ts';
import { handlers as sentiment } from '../../../functions/sentiment/handlers.ts';
import { handlers as technical } from '../../../functions/technical/handlers.ts';
import type { Context, Reader } from '../../../shared/context.ts';
import { customerWrites, openStoredCustomers } from '../../../shared/customers/stored.ts';
import { articlePartition } from '../../../shared/domain/article.ts';
import { customerPartition } from '../../../shared/domain/customer.ts';
import { Assignment, type Finding } from '../../../shared/domain/finding.ts';
import { type Ticket, type TicketRequest, ticketPartition } from '../../../shared/domain/ticket.ts';
import { articleWrite } from '../../../shared/knowledge/articles.ts';
import { answerOffline } from '../../../shared/models/offline/answers.ts';
import type { Model } from '../../../shared/ports/model.ts';
import type { Item, Json, Version, Write } from '../../../shared/ports/store.ts';

import { articles, customers } from './sample.ts';

/** How a ticket ended in a desk of one process without queues, and what each specialist found. */
export interface Outcome {
  readonly ticket: Ticket;
  readonly findings: readonly Finding[];
}

type Sent = { readonly to: string; readonly data: Json };

const NOW = Date.parse('2026-11-18T09:00:00Z');
const SPECIALISTS = { billing, technical, account, sentiment };

/**
 * The real handlers over a plain map instead of store and queues, with the sample customers and articles and the offline
 * model: what they read, decide and say is theirs; only the transport is missing.
 */
export function openDesk(): (request: TicketRequest) => Promise<Outcome> {
  const partitions = new Map<string, Map<string, Item>>();
  const sent: Sent[] = [];
  let count = 0;

  const apply = (partition: string, writes: readonly Write[]): void => {
    const items = partitions.get(partition) ?? new Map<string, Item>();
    partitions.set(partition, items);
    for (const write of writes) {
      if (write.kind === 'delete') items.delete(write.key);
      if (write.kind !== 'put') continue;
      // Versions are opaque; this is the only place that makes them here.
      const version = String(++count) as Version;
      items.set(write.key, { partition, key: write.key, value: write.value, version, commitId: String(count) });
    }
  };
  const inOrder = (partition: string): Item[] =>
    [...(partitions.get(partition)?.values() ?? [])].sort((a, b) => (a.key < b.key ? -1 : 1));

  const read: Reader = {
    // What was written comes back as it was written, as with every store.
    get: async <T>(partition: string, key: string) => partitions.get(partition)?.get(key) as Item<T> | undefined,
    list: async <T>(partition: string, { prefix = '', reverse = false, limit = 100 } = {}) => {
      const found = inOrder(partition).filter(({ key }) => key.startsWith(prefix));
      return { items: (reverse ? found.reverse() : found).slice(0, limit) as Item<T>[] };
    },
    find: async <T>(_index: string, name: string) => {
      if (name !== 'articles') throw new Error(`Nothing here is found by ${name}`);
      const found = [...partitions.keys()].filter((key) => key.startsWith('article/'));
      return { items: found.flatMap(inOrder) as Item<T>[] };
    },
  };
  const clock = { now: () => NOW, sleep: async () => {} };
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const signal = new AbortController().signal;
  const model: Model = {
    ask: async (task, input) => ({
      value: answerOffline(task, input),
      model: 'offline',
      cost: '0',
      usage: { inputTokens: 0, outputTokens: 0 },
    }),
  };
  const records = openStoredCustomers(undefined as never)({ workspace: 'main', read, clock, log, signal });
  const ctx: Context<'model' | 'customers' | 'notifier', string, string> = {
    workspace: 'main',
    principal: { kind: 'service', id: 'test', workspace: 'main' },
    trace: { traceId: '0'.repeat(32), spanId: '0'.repeat(16), sampled: false } as never,
    log,
    metrics: { count: quiet, observe: quiet, set: quiet, flush: async () => {} },
    clock,
    signal,
    deadline: NOW + 60_000,
    read,
    id: '',
    model,
    customers: records,
    notifier: { notify: async () => ({ outcome: 'sent', channel: 'test' }) } as never,
    commit: async (partition, { writes = [], send = [], answer }) => {
      apply(partition, writes);
      sent.push(...send);
      return answer as never;
    },
  };

  for (const [id, record] of Object.entries(customers)) apply(customerPartition(id), customerWrites(id, record, []));
  for (const article of articles) apply(articlePartition(article.id), [articleWrite(article, 'any')]);

  return async (request) => {
    const id = `tkt_${String(++count).padStart(26, '0')}`;
    const partition = ticketPartition(id);
    apply(partition, [ticketWrite(newTicket(id, request, NOW), 'absent')]);
    sent.length = 0;
    const message = { id, type: 'test', subject: id, time: NOW, attempt: 1 };
    await orchestrator.received({ ticketId: id }, ctx, message);
    for (const { data } of sent.filter(({ to }) => to in SPECIALISTS)) {
      const assignment = Assignment.parse(data);
      await SPECIALISTS[assignment.agent].assigned(assignment, ctx, message);
    }
    await orchestrator.findings({ ticketId: id, cause: 'deadline', episode: 1 }, ctx, message);
    const ticket = await read.get<Ticket>(partition, 'ticket');
    if (!ticket) throw new Error(`${id} is gone`);
    const { items } = await read.list<Finding>(partition, { prefix: 'finding/' });
    return { ticket: ticket.value, findings: items.map((item) => item.value) };
  };
}
