import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../infra/build.ts';
import { GZIP_BUDGETS, heaviest } from '../budget/gzip.ts';
import { atMost, type Measure } from './measure.ts';

/** JavaScript of the heaviest artifact of each cloud, gzipped, lazy chunks counted, with local ports. */
export const gzipMeasure: Measure = {
  names: Object.keys(GZIP_BUDGETS),
  async run() {
    const out = mkdtempSync(join(tmpdir(), 'trifold-gzip-'));
    try {
      const sizes = await build({ ports: 'local', out });
      return Object.entries(GZIP_BUDGETS).map(([name, { cloud, bytes }]) => {
        const { gzip, lazy, name: artifact } = heaviest(sizes, cloud);
        const late = lazy.reduce((sum, chunk) => sum + chunk.gzip, 0);
        const note = `${artifact}${late > 0 ? `, ${(late / 1000).toFixed(1)} kB of it lazy (${lazy.map(({ file }) => file).join(', ')})` : ''}`;
        return atMost(bytes / 1000, { name, value: gzip / 1000, unit: 'kB', note });
      });
    } finally {
      rmSync(out, { recursive: true });
    }
  },
};
