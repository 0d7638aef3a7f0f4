import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ClientOptions } from '../../shared/clouds/aws/clients.ts';
import { createTable } from '../../shared/clouds/aws/create-table.ts';
import type { RetryOptions } from '../../shared/clouds/retries.ts';
import { unique } from '../contracts/support.ts';
import { MOTO_ACCOUNT, MOTO_CLIENT } from '../emulators/moto.ts';
import { awsFaults } from './aws-faults.ts';
import { startFaultyProxy } from './faulty-proxy.ts';

/** What every adapter of AWS takes. */
export type Aws = ClientOptions & RetryOptions & { readonly endpoint: string };

/** An adapter's options for moto itself, which is slow on a busy machine: an attempt given up would be made twice. */
export const toMoto = (url: string): Aws => ({
  ...MOTO_CLIENT,
  endpoint: url,
  deadlineMs: 60_000,
  attemptMs: 30_000,
});

/** Short enough for tests, long enough for three waits of a second and a slow emulator. */
const IMPATIENT = { deadlineMs: 4_000, attemptMs: 800 };

/** A proxy before moto, an adapter's options for it, and the faults that it knows. */
export async function openFaults(url: string, protocol: 'json' | 'xml' = 'json') {
  const proxy = await startFaultyProxy(url);
  const aws: Aws = { ...toMoto(proxy.url), ...IMPATIENT };
  return { proxy, aws, faults: awsFaults(proxy, protocol) };
}

/** Closes an adapter, then what it talks to. */
export const closing =
  (...things: { close?(): Promise<void> }[]) =>
  async (): Promise<void> => {
    for (const thing of things) await thing.close?.();
  };

export async function newTable(url: string): Promise<string> {
  const table = unique('trifold');
  await createTable(new DynamoDBClient(toMoto(url)), table);
  return table;
}

export async function newBucket(url: string): Promise<string> {
  const bucket = unique('trifold');
  await new S3Client({ ...toMoto(url), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

export interface Queues {
  /** What stands before a queue's name in its URL, at the address through which the adapter goes. */
  urlPrefix(endpoint: string): string;
  /** Takes at most `max` bodies and acknowledges them, as a function's event source mapping does. */
  receive(name: string, max: number): Promise<string[]>;
}

export async function newQueues(url: string, names: readonly string[]): Promise<Queues> {
  const sqs = new SQSClient(toMoto(url));
  const prefix = `${unique('q')}-`;
  for (const name of names) await sqs.send(new CreateQueueCommand({ QueueName: prefix + name }));
  const urlPrefix = (endpoint: string) => `${endpoint}/${MOTO_ACCOUNT}/${prefix}`;
  return {
    urlPrefix,
    async receive(name, max) {
      const QueueUrl = urlPrefix(url) + name;
      const bodies: string[] = [];
      while (bodies.length < max) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) break;
        const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
        bodies.push(...Messages.map(({ Body = '' }) => Body));
      }
      return bodies;
    },
  };
}

/** A bus with a rule for each subscriber, and behind each rule a queue in the place of its function. */
export async function newBus(url: string, source: string, subscribers: readonly { name: string; type: string }[]) {
  const events = new EventBridgeClient(toMoto(url));
  const bus = unique('bus');
  await events.send(new CreateEventBusCommand({ Name: bus }));
  const queues = await newQueues(
    url,
    subscribers.map(({ name }) => name),
  );
  for (const { name, type } of subscribers) {
    const EventPattern = JSON.stringify({ source: [source], 'detail-type': [type] });
    await events.send(new PutRuleCommand({ Name: name, EventBusName: bus, EventPattern }));
    const queue = queues.urlPrefix(url).split('/').at(-1) + name;
    const Arn = `arn:aws:sqs:${MOTO_CLIENT.region}:${MOTO_ACCOUNT}:${queue}`;
    await events.send(new PutTargetsCommand({ Rule: name, EventBusName: bus, Targets: [{ Id: name, Arn }] }));
  }
  return { bus, receive: queues.receive };
}
