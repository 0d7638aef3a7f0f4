import { afterAll } from 'vitest';
import { createObjects } from '../../shared/clouds/aws/objects.ts';
import { objectsContract } from '../contracts/objects.ts';
import { objectsFaultContract } from '../contracts/objects-faults.ts';
import { startMotoIfThere } from '../emulators/moto.ts';
import { mendDisposition } from '../peers/aws-faults.ts';
import { closing, newBucket, openFaults, toMoto } from '../peers/aws-openers.ts';

const { moto, missing } = await startMotoIfThere();
const url = moto?.url ?? '';
afterAll(() => moto?.stop());

objectsContract(
  'S3 (moto)',
  async ({ clock }) => {
    const { proxy } = await openFaults(url, 'xml');
    mendDisposition(proxy);
    const objects = createObjects({ ...toMoto(proxy.url), clock, bucket: await newBucket(url) });
    return { objects, linksFollowClock: false, close: closing(objects, proxy) };
  },
  { missing },
);

objectsFaultContract(
  'S3 (moto)',
  async ({ clock }) => {
    const { proxy, aws, faults } = await openFaults(url, 'xml');
    const objects = createObjects({ ...aws, clock, bucket: await newBucket(url) });
    return { objects, faults, linksFollowClock: false, close: closing(objects, proxy) };
  },
  { missing },
);
