import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { openBase } from '../../../shared/clouds/aws/base.ts';
import { createTable } from '../../../shared/clouds/aws/create-table.ts';
import type { Delivery } from '../../conformance/driver.ts';
import { MOTO_ACCOUNT, MOTO_CLIENT, startMoto } from '../../emulators/moto.ts';
import { startFaultyProxy } from '../../peers/faulty-proxy.ts';
import { openAws } from '../../runtime/hosts/aws.ts';
import type { Host } from '../../runtime/hosts/host.ts';
import { type Feeder, type Services, type Source, sources } from './desk.ts';

const NAMES = { table: 'trifold', bus: 'trifold', bucket: 'trifold', prefix: 'trifold-' } as const;
/** Of an event source mapping for SQS, as derived (`infra/generated/aws.json`). */
const BATCH = 10;

/** DynamoDB, SQS, EventBridge and S3 by moto. Throws an error that names what is missing. */
export async function openServices(): Promise<Services> {
  const moto = await startMoto();
  // moto undoes a failed transaction by putting back a copy of the whole table, and with it what others wrote since:
  // its DynamoDB is asked one thing at a time.
  const dynamo = await startFaultyProxy(moto.url, { serial: true });
  const client = { ...MOTO_CLIENT, endpoint: moto.url };
  const sqs = new SQSClient(client);
  const urlPrefix = `${moto.url}/${MOTO_ACCOUNT}/${NAMES.prefix}`;
  await createTable(new DynamoDBClient({ ...client, endpoint: dynamo.url }), NAMES.table);
  await new S3Client({ ...client, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: NAMES.bucket }));
  for (const { name } of sources)
    await sqs.send(
      new CreateQueueCommand({ QueueName: NAMES.prefix + name, Attributes: { VisibilityTimeout: '180' } }),
    );
  await createRules(new EventBridgeClient(client));
  const env = {
    TRIFOLD_TABLE: NAMES.table,
    TRIFOLD_QUEUE_PREFIX: urlPrefix,
    TRIFOLD_BUS: NAMES.bus,
    TRIFOLD_BUCKET: NAMES.bucket,
    AWS_REGION: MOTO_CLIENT.region,
    AWS_ENDPOINT_URL: moto.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ACCESS_KEY_ID: MOTO_CLIENT.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: MOTO_CLIENT.credentials.secretAccessKey,
  };
  return {
    env,
    openBase(given) {
      // The SDK reads its own variables from the process alone; this one belongs to the test.
      Object.assign(process.env, env);
      return openBase(given, 'test');
    },
    openHost: openAws,
    feed: async ({ host, deliveries }) => startMappings(sqs, urlPrefix, host, deliveries),
    async stop() {
      await dynamo.close();
      await moto.stop();
    },
  };
}

/** A rule for each event trigger, and in the place of Lambda's asynchronous queue one that the test can read. */
async function createRules(events: EventBridgeClient): Promise<void> {
  const { bus: EventBusName } = NAMES;
  await events.send(new CreateEventBusCommand({ Name: EventBusName }));
  for (const { name: Rule, types } of sources.filter((source) => source.types.length > 0)) {
    const EventPattern = JSON.stringify({ 'detail-type': types });
    await events.send(new PutRuleCommand({ Name: Rule, EventBusName, EventPattern }));
    const Arn = `arn:aws:sqs:${MOTO_CLIENT.region}:${MOTO_ACCOUNT}:${NAMES.prefix}${Rule}`;
    await events.send(new PutTargetsCommand({ Rule, EventBusName, Targets: [{ Id: Rule, Arn }] }));
  }
}

/** Plays Lambda's event source mappings: batches of up to ten; what succeeded is deleted, what failed is left. */
function startMappings(
  sqs: SQSClient,
  urlPrefix: string,
  host: Host,
  deliveries: Parameters<Services['feed']>[0]['deliveries'],
): Feeder {
  const held = new Set<string>();
  let stopped = false;

  async function takeBatch(source: Source): Promise<boolean> {
    const QueueUrl = urlPrefix + source.name;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH, AttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return false;
    const verdicts = await handOver(host, source, Messages);
    for (const [i, { Body, ReceiptHandle }] of Messages.entries()) {
      const verdict = verdicts[i] ?? 'again';
      if (verdict === 'acknowledged') await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      // It would come back when its time is over, which is three minutes.
      else await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      deliveries.add(source.name, source.types.length > 0 ? detailOf(Body) : Body, verdict);
    }
    return true;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const open = sources.filter(({ name }) => !held.has(name));
      const busy = await Promise.all(open.map(takeBatch));
      if (!busy.includes(true)) await pause(100);
    }
  }

  const running = run();
  return {
    hold: async (queue) => void held.add(queue),
    release: async (queue) => void held.delete(queue),
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function handOver(host: Host, { target, types }: Source, messages: readonly Message[]): Promise<Delivery[]> {
  if (types.length === 0) {
    const batch = messages.map(({ MessageId = '', Body = '', Attributes }) => {
      return { id: MessageId, body: Body, attempts: Number(Attributes?.ApproximateReceiveCount) };
    });
    return host.deliver(target, batch);
  }
  // What a rule brings is EventBridge's own event, which Lambda hands over one at a time.
  return Promise.all(
    messages.map(({ Body = '' }) =>
      host.call(target, JSON.parse(Body)).then(
        (): Delivery => 'acknowledged',
        (): Delivery => 'again',
      ),
    ),
  );
}

const detailOf = (body = ''): unknown => JSON.parse(body).detail;
