import { afterAll } from 'vitest';
import { fromClaimCheck } from '../../shared/claim-check.ts';
import { createObjects } from '../../shared/clouds/aws/objects.ts';
import { createQueue } from '../../shared/clouds/aws/queue.ts';
import { CONTRACT_QUEUES, type OpenedQueue, queueContract, queueFaultContract } from '../contracts/queue.ts';
import { manualClock } from '../contracts/support.ts';
import { startMotoIfThere } from '../emulators/moto.ts';
import { type Aws, closing, newBucket, newQueues, openFaults, toMoto } from '../peers/aws-openers.ts';

const { moto, missing } = await startMotoIfThere();
const url = moto?.url ?? '';
afterAll(() => moto?.stop());

async function open(aws: Aws): Promise<OpenedQueue> {
  const queues = await newQueues(url, CONTRACT_QUEUES);
  const objects = createObjects({ ...toMoto(url), bucket: await newBucket(url) });
  const queue = createQueue({ ...aws, clock: manualClock(), objects, urlPrefix: queues.urlPrefix(aws.endpoint) });
  return {
    queue,
    async receive(name, max) {
      const bodies = await queues.receive(name, max);
      const redeemed = await Promise.all(bodies.map((body) => fromClaimCheck(body, objects)));
      return redeemed.map((body) => ({ id: String(JSON.parse(body).id), body }));
    },
    close: closing(queue, objects),
  };
}

// moto looks through all messages at every receive; `aws-wire.test.ts` sends the thousand.
queueContract('SQS (moto)', () => open(toMoto(url)), { missing, messages: 200 });

queueFaultContract(
  'SQS (moto)',
  async () => {
    const { proxy, aws, faults } = await openFaults(url);
    const opened = await open(aws);
    return { ...opened, faults, close: closing(opened, proxy) };
  },
  { missing },
);
