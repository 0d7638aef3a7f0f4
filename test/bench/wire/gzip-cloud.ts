import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cloud } from '../../../infra/build/artifacts.ts';
import { build } from '../../../infra/build.ts';
import { heaviest } from '../../budget/gzip.ts';
import { atMost, type Measure } from '../measure.ts';

const BARS: Readonly<Record<string, { readonly cloud: Cloud; readonly kB: number }>> = {
  'gzip.aws.max.cloud': { cloud: 'aws', kB: 400 },
  'gzip.gcp.max.cloud': { cloud: 'gcp', kB: 700 },
  'gzip.azure.cloud': { cloud: 'azure', kB: 700 },
};

/** JavaScript of the heaviest artifact of each cloud, gzipped, lazy chunks counted, with the cloud's own ports. */
export const gzipCloudMeasure: Measure = {
  names: Object.keys(BARS),
  async run() {
    const out = mkdtempSync(join(tmpdir(), 'trifold-gzip-cloud-'));
    try {
      const sizes = await build({ out });
      return Object.entries(BARS).map(([name, { cloud, kB }]) => {
        const { gzip, lazy, name: artifact } = heaviest(sizes, cloud);
        const late = lazy.reduce((sum, chunk) => sum + chunk.gzip, 0) / 1000;
        const note = `${artifact}${late > 0 ? `, ${late.toFixed(1)} kB of it lazy` : ''}`;
        return atMost(kB, { name, value: gzip / 1000, unit: 'kB', note });
      });
    } finally {
      rmSync(out, { recursive: true });
    }
  },
};
