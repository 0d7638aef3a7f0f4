import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../functions/index.ts';
import { CLOUDS } from '../../infra/build/artifacts.ts';
import { openerOf } from '../../infra/build/ports.ts';
import type { Size } from '../../infra/build/sizes.ts';
import { filesBelow } from '../../infra/build/zip.ts';
import { build } from '../../infra/build.ts';
import type { Declaration } from '../../shared/function.ts';
import type { PortName } from '../../shared/ports/index.ts';
import { GZIP_BUDGETS, heaviest } from './gzip.ts';

const folder = mkdtempSync(join(tmpdir(), 'trifold-budget-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Source files of an artifact that match, as its metafile tells. */
const inputs = (size: Size, pattern: RegExp): string[] => size.inputs.filter((file) => pattern.test(file));
const others = (cloud: string): string => ['aws', 'azure', 'gcp', 'local'].filter((one) => one !== cloud).join('|');

/** What speaks to a cloud, or is its runtime's. Powertools' logger writes the lines of every cloud. */
const PACKAGES = {
  aws: '@aws-sdk|@smithy|@middy|@aws-lambda-powertools/tracer|aws-xray-sdk[\\w-]*',
  azure: '@azure',
  gcp: '@google-cloud|google-auth-library|gaxios',
} as const;
const foreign = (cloud: keyof typeof PACKAGES): RegExp =>
  new RegExp(
    `node_modules/(${CLOUDS.filter((one) => one !== cloud)
      .map((one) => PACKAGES[one])
      .join('|')})/`,
  );

describe('artifacts with local ports', () => {
  let sizes: readonly Size[];
  beforeAll(async () => {
    sizes = await build({ ports: 'local', out: join(folder, 'local') });
  }, 60_000);

  it.each(Object.entries(GZIP_BUDGETS))('stay within the budget of %s', (name, { cloud, bytes }) => {
    expect([name, heaviest(sizes, cloud).gzip <= bytes]).toEqual([name, true]);
  });

  it('count every script that is deployed, and list those that load late', () => {
    for (const { cloud, name, bytes, gzip, lazy } of sizes) {
      const scripts = filesBelow(join(folder, 'local', cloud, cloud === 'azure' ? '' : name)).filter((file) =>
        file.endsWith('.mjs'),
      );
      const total = scripts.reduce((sum, file) => sum + readFileSync(file).length, 0);
      expect([cloud, name, bytes]).toEqual([cloud, name, total]);
      expect(lazy.length).toBeLessThan(scripts.length);
      expect(gzip).toBeGreaterThan(lazy.reduce((sum, chunk) => sum + chunk.gzip, 0));
    }
    // The tracer, which most teams never load; the screen, which comes with the first ticket to triage.
    expect(sizes.filter(({ cloud }) => cloud === 'aws').map(({ lazy }) => lazy.length)).toEqual(
      functions.map(({ name }) => (name === 'orchestrator' ? 2 : 1)),
    );
  });

  it('hold their own host, the embedded adapters, and nothing of another cloud', () => {
    for (const size of sizes) {
      const { cloud, name } = size;
      expect([name, inputs(size, new RegExp(`^shared/clouds/${cloud}/host\\.ts$`)).length]).toEqual([name, 1]);
      expect([name, inputs(size, /^shared\/clouds\/local\/store\.ts$/).length]).toEqual([name, 1]);
      expect(inputs(size, new RegExp(`^shared/clouds/(${others(cloud).replace('|local', '')})/`))).toEqual([]);
      expect(inputs(size, new RegExp(`^shared/clouds/${cloud}/(base|store|queue|bus|objects|vault)\\.ts$`))).toEqual(
        [],
      );
      expect(inputs(size, foreign(cloud as keyof typeof PACKAGES))).toEqual([]); // names of clouds
    }
  });

  it('hold just the ports that their functions name', () => {
    const ports: readonly PortName[] = ['customers', 'estate', 'model', 'notifier', 'objects', 'vault'];
    for (const declaration of functions as readonly Declaration[]) {
      const size = sizes.find(({ cloud, name }) => cloud === 'aws' && name === declaration.name);
      const held = ports.filter((port) => size?.inputs.includes(openerOf(port, 'local')?.module ?? ''));
      expect([declaration.name, held]).toEqual([
        declaration.name,
        ports.filter((port) => declaration.uses.includes(port)),
      ]);
    }
  });

  it('are the same bytes when they are built again', async () => {
    const again = join(folder, 'again');
    await build({ clouds: ['aws', 'gcp'], only: ['orchestrator'], ports: 'local', out: again });
    await build({ clouds: ['azure'], ports: 'local', out: again });
    for (const zip of ['aws/orchestrator.zip', 'gcp/orchestrator.zip', 'azure.zip']) {
      const [first, second] = [join(folder, 'local', zip), join(again, zip)].map((file) => readFileSync(file));
      expect([zip, first?.length, second && first?.equals(second)]).toEqual([zip, second?.length, true]);
    }
  }, 60_000);
});

describe("artifacts with their cloud's ports", () => {
  let sizes: readonly Size[];
  beforeAll(async () => {
    sizes = await build({ out: join(folder, 'cloud') });
  }, 60_000);

  it('hold the adapters of their own cloud alone', () => {
    for (const size of sizes) {
      const { cloud, name } = size;
      expect([name, inputs(size, new RegExp(`^shared/clouds/${cloud}/store\\.ts$`)).length]).toEqual([name, 1]);
      expect(inputs(size, new RegExp(`^shared/clouds/(${others(cloud)})/`))).toEqual([]);
      // Models fall back across clouds: Bedrock's client, loaded when it is asked, comes along with what it stands on.
      const bedrock = /node_modules\/(@aws-sdk\/(?!client-(?!bedrock-runtime\/))|@aws-crypto\/|@aws\/|@smithy\/)/;
      const strange = inputs(size, foreign(cloud as keyof typeof PACKAGES)); // names of clouds
      expect(strange.filter((input) => !bedrock.test(input))).toEqual([]);
      expect(inputs(size, /^(test|infra)\/(?!generated\/)/)).toEqual([]);
    }
  });
});
