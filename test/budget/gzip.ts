import type { Cloud } from '../../infra/build/artifacts.ts';
import type { Size } from '../../infra/build/sizes.ts';

/** JavaScript of the heaviest artifact, gzipped, lazy chunks counted, with local ports; by the measure's name. */
export const GZIP_BUDGETS: Readonly<Record<string, { readonly cloud: Cloud; readonly bytes: number }>> = {
  'gzip.aws.max': { cloud: 'aws', bytes: 250_000 },
  'gzip.gcp.max': { cloud: 'gcp', bytes: 250_000 },
  'gzip.azure': { cloud: 'azure', bytes: 400_000 },
};

/** Throws when the cloud has no artifact. */
export function heaviest(sizes: readonly Size[], cloud: Cloud): Size {
  const [first] = sizes.filter((size) => size.cloud === cloud).sort((a, b) => b.gzip - a.gzip);
  if (!first) throw new Error(`Nothing was built for ${cloud}`);
  return first;
}
