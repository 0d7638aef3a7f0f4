import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../../infra/build/bundle.ts';
import { build } from '../../../infra/build.ts';
import { accessPartition, createKey } from '../../../shared/access.ts';
import { createStore } from '../../../shared/clouds/aws/store.ts';
import { MOTO_ACCOUNT, MOTO_CLIENT } from '../../emulators/moto.ts';
import { startDynamoDbPeer } from '../../peers/aws-dynamodb.ts';
import { startLambda } from '../../runtime/lambda.ts';
import { installRic } from '../../runtime/ric/install.ts';
import { atMost, type Measure, median } from '../measure.ts';
import { startSqsPeer } from './sqs.ts';

const PAIRS = 15;
const NAME = 'first.aws.orchestrator.cloud';

/** A handler that makes one PutItem and nothing else, by the client that the store uses. */
const PLAIN = `
  import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
  import { randomUUID } from 'node:crypto';
  const client = new DynamoDBClient({});
  export const http = async () => {
    const Item = { pk: { S: 'plain' }, sk: { S: randomUUID() } };
    await client.send(new PutItemCommand({ TableName: process.env.TRIFOLD_TABLE, Item }));
    return { statusCode: 202, headers: { 'content-type': 'application/json' }, body: '{"status":"received"}' };
  };
`;

/**
 * From the start of the process to its first answer (a POST of a ticket) on the real Lambda runtime client, with the
 * cloud's ports against local peers: the orchestrator against a handler of one PutItem, built the same way, in turns.
 */
export const firstCloudMeasure: Measure = {
  names: [NAME],
  async run() {
    const { client } = await installRic();
    if (client !== 'native') throw new Error('The native Lambda client could not be built here');
    const folder = mkdtempSync(join(tmpdir(), 'trifold-first-cloud-'));
    const [dynamo, sqs] = await Promise.all([startDynamoDbPeer(), startSqsPeer()]);
    try {
      await build({ clouds: ['aws'], only: ['orchestrator'], out: folder });
      const plainDir = join(folder, 'plain');
      await bundle({ cloud: 'aws', name: 'plain', folder: 'plain', external: [], files: {}, entry: PLAIN }, plainDir);
      const event = readEvent(await makeKey(dynamo.url));
      const env = {
        TRIFOLD_TABLE: 'trifold',
        TRIFOLD_QUEUE_PREFIX: `${sqs.url}/${MOTO_ACCOUNT}/`,
        TRIFOLD_BUS: 'trifold',
        TRIFOLD_BUCKET: 'trifold',
        AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
        AWS_ENDPOINT_URL_SQS: sqs.url,
        AWS_ACCESS_KEY_ID: MOTO_CLIENT.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: MOTO_CLIENT.credentials.secretAccessKey,
      };
      const orchestrator = () => firstAnswer(join(folder, 'aws', 'orchestrator'), env, event);
      const plain = () => firstAnswer(plainDir, env, event);
      // The files of both come from the page cache from here on.
      await plain();
      await orchestrator();
      const pairs: { ours: number; theirs: number }[] = [];
      for (let i = 0; i < PAIRS; i++) {
        const early = i % 2 === 0 ? await plain() : undefined;
        const ours = await orchestrator();
        pairs.push({ ours, theirs: early ?? (await plain()) });
      }
      const ratio = median(pairs.map(({ ours, theirs }) => ours / theirs));
      const [ours, theirs] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.theirs))];
      const note = `${ours.toFixed(0)} ms against ${theirs.toFixed(0)} ms, medians of ${PAIRS} pairs`;
      return [atMost(1.6, { name: NAME, value: ratio, unit: 'ratio', baseline: theirs, note })];
    } finally {
      await Promise.all([dynamo.close(), sqs.close()]);
      rmSync(folder, { recursive: true });
    }
  },
};

async function makeKey(endpoint: string): Promise<string> {
  const store = createStore({ ...MOTO_CLIENT, endpoint, table: 'trifold' });
  const { id, key, write } = createKey('main', 'operator', Date.now());
  await store.commit(`main/${accessPartition(id)}`, [write], 'key');
  await store.close?.();
  return key;
}

function readEvent(key: string): unknown {
  const text = readFileSync(new URL('../../../events/aws/http-v2.json', import.meta.url), 'utf8');
  const event = JSON.parse(text) as { headers: Record<string, string> }; // our own file
  return { ...event, headers: { ...event.headers, authorization: `Bearer ${key}` } };
}

/** Milliseconds; throws unless the answer is an accepted ticket's. */
async function firstAnswer(dir: string, env: Record<string, string>, event: unknown): Promise<number> {
  const lambda = await startLambda({ dir, handler: 'index.http', env, client: 'native' });
  try {
    const { body } = await lambda.invoke(event, { timeoutMs: 30_000 });
    const ended = performance.now();
    const { statusCode } = Object(body) as { statusCode?: number }; // API Gateway's answer, if it went well
    if (statusCode !== 202) throw new Error(`The first answer of ${dir} was ${JSON.stringify(body)}\n${lambda.log()}`);
    return ended - lambda.startedAt;
  } finally {
    await lambda.stop();
  }
}
