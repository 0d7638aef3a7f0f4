import { randomBytes } from 'node:crypto';
import { listenAmqp } from './service-bus/amqp.ts';
import { type BrokerOptions, createBroker, deadLettersOf } from './service-bus/broker.ts';
import { listenRest } from './service-bus/rest.ts';

export interface ServiceBusPeer {
  /** For AMQP clients and the Functions host's binding. */
  readonly connectionString: string;
  /** For senders over HTTP: `http://127.0.0.1:port` */
  readonly endpoint: string;
  readonly key: { readonly name: string; readonly value: string };
  /** Entra tokens that are accepted over HTTP. */
  readonly tokens: Set<string>;
  /** Messages in a queue, locked, deferred and scheduled ones included. */
  count(queue: string): number;
  deadLetters(queue: string): number;
  /** How many messages each HTTP request brought, in order. */
  readonly sends: readonly number[];
  close(): Promise<void>;
}

/**
 * Service Bus queues with the rules of peek-lock, spoken to over AMQP 1.0 (by the official SDK) and over HTTP. Sends,
 * batches, locks with expiry and renewal, complete, abandon, defer, dead letters, scheduling and peeking; no topics, no
 * sessions, no transactions.
 */
export async function startServiceBus(options: BrokerOptions = {}): Promise<ServiceBusPeer> {
  const broker = createBroker(options);
  const key = { name: 'contract', value: randomBytes(32).toString('base64') };
  const tokens = new Set<string>();
  const sends: number[] = [];
  const amqp = await listenAmqp(broker);
  const rest = await listenRest(broker, { key, tokens, onSend: (messages) => void sends.push(messages) });
  return {
    connectionString: [
      `Endpoint=sb://127.0.0.1:${amqp.port}`,
      `SharedAccessKeyName=${key.name}`,
      `SharedAccessKey=${key.value}`,
      'UseDevelopmentEmulator=true',
    ].join(';'),
    endpoint: `http://127.0.0.1:${rest.port}`,
    key,
    tokens,
    count: (queue) => broker.count(queue.toLowerCase()),
    deadLetters: (queue) => broker.count(deadLettersOf(queue.toLowerCase())),
    sends,
    async close() {
      broker.close();
      await Promise.all([amqp.close(), rest.close()]);
    },
  };
}
