import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../infra/build/bundle.ts';
import { build } from '../../infra/build.ts';
import { openBench } from '../conformance/driver.ts';
import { startLambda } from '../runtime/lambda.ts';
import { installRic } from '../runtime/ric/install.ts';
import { atMost, type Measure, median } from './measure.ts';

const PAIRS = 15;

/** What any function on middy with the Powertools logger costs. */
const ALONE = `
  import middy from '@middy/core';
  import { Logger } from '@aws-lambda-powertools/logger';
  const logger = new Logger({ serviceName: 'alone' });
  export const http = middy().handler(async (event) => {
    logger.info('Accepted', { path: event.rawPath });
    return { statusCode: 202, headers: { 'content-type': 'application/json' }, body: '{"status":"received"}' };
  });
`;

/**
 * From the start of the process to its first answer (a POST of a ticket) on the real Lambda runtime client: the
 * orchestrator with local ports against a handler of middy and logger alone, built the same way, in turns.
 */
export const firstMeasure: Measure = {
  names: ['first.aws.orchestrator'],
  async run() {
    const { client } = await installRic();
    if (client !== 'native') throw new Error('The native Lambda client could not be built here');
    const folder = mkdtempSync(join(tmpdir(), 'trifold-first-'));
    const bench = openBench('aws');
    try {
      await build({ clouds: ['aws'], only: ['orchestrator'], ports: 'local', out: folder });
      await bundle(
        { cloud: 'aws', name: 'alone', folder: 'alone', external: [], files: {}, entry: ALONE },
        join(folder, 'alone'),
      );
      const event = readEvent(await bench.key('operator'));
      const env = { TRIFOLD_DATA_DIR: bench.base.env['TRIFOLD_DATA_DIR'] ?? '' };
      const orchestrator = () => firstAnswer(join(folder, 'aws', 'orchestrator'), env, event);
      const alone = () => firstAnswer(join(folder, 'alone'), {}, event);
      // The files of both come from the page cache from here on.
      await alone();
      await orchestrator();
      const pairs: { ours: number; theirs: number }[] = [];
      for (let i = 0; i < PAIRS; i++) {
        const early = i % 2 === 0 ? await alone() : undefined;
        const ours = await orchestrator();
        pairs.push({ ours, theirs: early ?? (await alone()) });
      }
      const ratio = median(pairs.map(({ ours, theirs }) => ours / theirs));
      const [ours, theirs] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.theirs))];
      const note = `${ours.toFixed(0)} ms against ${theirs.toFixed(0)} ms, medians of ${PAIRS} pairs`;
      return [atMost(2, { name: 'first.aws.orchestrator', value: ratio, unit: 'ratio', baseline: theirs, note })];
    } finally {
      await bench.remove();
      rmSync(folder, { recursive: true });
    }
  },
};

function readEvent(key: string): unknown {
  const text = readFileSync(new URL('../../events/aws/http-v2.json', import.meta.url), 'utf8');
  const event = JSON.parse(text) as { headers: Record<string, string> }; // our own file
  return { ...event, headers: { ...event.headers, authorization: `Bearer ${key}` } };
}

/** Milliseconds; throws unless the answer is the ticket's. */
async function firstAnswer(dir: string, env: Record<string, string>, event: unknown): Promise<number> {
  const lambda = await startLambda({ dir, handler: 'index.http', env, client: 'native' });
  try {
    const { body } = await lambda.invoke(event, { timeoutMs: 30_000 });
    const ended = performance.now();
    const { statusCode } = Object(body) as { statusCode?: number }; // API Gateway's answer, if it went well
    if (statusCode !== 202) throw new Error(`The first answer of ${dir} was ${JSON.stringify(body)}`);
    return ended - lambda.startedAt;
  } finally {
    await lambda.stop();
  }
}
