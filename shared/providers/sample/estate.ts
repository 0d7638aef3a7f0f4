import { createHash } from 'node:crypto';
import type { Charge } from '../../domain/charge.ts';
import { idFrom } from '../../domain/ids.ts';
import type { KINDS, PROVIDERS, Resource } from '../../domain/resource.ts';
import type { Estate } from '../../ports/estate.ts';
import type { PortOpener } from '../../runtime.ts';

type Provider = (typeof PROVIDERS)[number];
type Kind = (typeof KINDS)[number];

/** One service of the sample: how a provider calls it, where it runs, how many there are, what one costs a day. */
interface Line {
  readonly provider: Provider;
  readonly kind: Kind;
  readonly type: string;
  readonly service: string;
  readonly category: string;
  readonly region: string;
  readonly count: number;
  /** US dollars a day for one, made up and labelled so. */
  readonly daily: string;
}

const LINES: readonly Line[] = [
  {
    provider: 'aws',
    kind: 'compute',
    type: 'AWS::EC2::Instance',
    service: 'Amazon Elastic Compute Cloud',
    category: 'Compute',
    region: 'eu-central-1',
    count: 6,
    daily: '2.304',
  },
  {
    provider: 'aws',
    kind: 'database',
    type: 'AWS::RDS::DBInstance',
    service: 'Amazon Relational Database Service',
    category: 'Databases',
    region: 'eu-central-1',
    count: 2,
    daily: '4.56',
  },
  {
    provider: 'aws',
    kind: 'storage',
    type: 'AWS::S3::Bucket',
    service: 'Amazon Simple Storage Service',
    category: 'Storage',
    region: 'us-east-1',
    count: 4,
    daily: '0.73',
  },
  {
    provider: 'aws',
    kind: 'load_balancer',
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    service: 'Elastic Load Balancing',
    category: 'Networking',
    region: 'eu-central-1',
    count: 1,
    daily: '0.648',
  },
  {
    provider: 'azure',
    kind: 'compute',
    type: 'Microsoft.Compute/virtualMachines',
    service: 'Virtual Machines',
    category: 'Compute',
    region: 'westeurope',
    count: 4,
    daily: '2.88',
  },
  {
    provider: 'azure',
    kind: 'container',
    type: 'Microsoft.ContainerService/managedClusters',
    service: 'Azure Kubernetes Service',
    category: 'Compute',
    region: 'westeurope',
    count: 1,
    daily: '2.40',
  },
  {
    provider: 'azure',
    kind: 'dns',
    type: 'Microsoft.Network/dnszones',
    service: 'Azure DNS',
    category: 'Networking',
    region: 'global',
    count: 2,
    daily: '0.017',
  },
  {
    provider: 'gcp',
    kind: 'serverless',
    type: 'run.googleapis.com/Service',
    service: 'Cloud Run',
    category: 'Compute',
    region: 'europe-west1',
    count: 5,
    daily: '0.36',
  },
  {
    provider: 'gcp',
    kind: 'database',
    type: 'sqladmin.googleapis.com/Instance',
    service: 'Cloud SQL',
    category: 'Databases',
    region: 'europe-west1',
    count: 1,
    daily: '3.12',
  },
  {
    provider: 'gcp',
    kind: 'network',
    type: 'compute.googleapis.com/Network',
    service: 'Networking',
    category: 'Networking',
    region: 'global',
    count: 1,
    daily: '0.24',
  },
  {
    provider: 'digitalocean',
    kind: 'compute',
    type: 'droplet',
    service: 'Droplets',
    category: 'Compute',
    region: 'fra1',
    count: 3,
    daily: '0.80',
  },
  {
    provider: 'digitalocean',
    kind: 'cdn',
    type: 'cdn_endpoint',
    service: 'Spaces CDN',
    category: 'Networking',
    region: 'fra1',
    count: 1,
    daily: '0.17',
  },
];

const DAY_MS = 24 * 3_600_000;
const ENVIRONMENTS = ['production', 'staging', 'development'] as const;
const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T; // no list here is empty

/** Ids as each provider writes them. */
const PROVIDER_IDS: { readonly [P in Provider]: (line: Line, name: string) => string } = {
  aws: (line, name) => `arn:aws:sample:${line.region}:000000000000:${line.kind}/${name}`,
  azure: (line, name) => `/subscriptions/sample/resourceGroups/sample/providers/${line.type}/${name}`,
  gcp: (line, name) => `//sample.googleapis.com/projects/sample/locations/${line.region}/${line.kind}/${name}`,
  digitalocean: (line, name) => `do:${line.type}:${hash(name)}`,
};
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

function resourcesOf(line: Line): Resource[] {
  return Array.from({ length: line.count }, (_, i) => {
    const environment = at(ENVIRONMENTS, i);
    const name = `${environment}-${line.kind.replace('_', '-')}-${i + 1}`;
    const providerId = PROVIDER_IDS[line.provider](line, name);
    return {
      id: idFrom('res', providerId),
      providerId,
      provider: line.provider,
      account: `sample-${line.provider}`,
      kind: line.kind,
      type: line.type,
      name,
      region: line.region,
      status: environment === 'development' && line.kind === 'compute' ? 'stopped' : 'running',
      tags: { environment, team: at(['platform', 'web', 'data'], i), sample: 'true' },
      createdAt: new Date(Date.UTC(2026, i % 9, 1 + (i % 27))).toISOString(),
    } satisfies Resource;
  });
}

function chargesOf(line: Line, day: number): Charge[] {
  return resourcesOf(line).map((resource) => ({
    BilledCost: line.daily,
    EffectiveCost: line.daily,
    ListCost: line.daily,
    ContractedCost: line.daily,
    BillingCurrency: 'USD',
    BillingAccountId: resource.account,
    ChargePeriodStart: new Date(day).toISOString(),
    ChargePeriodEnd: new Date(day + DAY_MS).toISOString(),
    ChargeCategory: 'Usage',
    ServiceProviderName: { aws: 'AWS', azure: 'Microsoft', gcp: 'Google Cloud', digitalocean: 'DigitalOcean' }[
      line.provider
    ],
    ServiceName: line.service,
    ServiceCategory: line.category,
    RegionId: line.region,
    ResourceId: resource.providerId,
    Tags: resource.tags,
  }));
}

const SAMPLE: Estate = {
  async *resources() {
    for (const line of LINES) yield resourcesOf(line);
  },
  async *charges(from, to) {
    for (let day = Math.ceil(from / DAY_MS) * DAY_MS; day < to; day += DAY_MS)
      yield LINES.flatMap((line) => chargesOf(line, day));
  },
};

/** A small fixed estate of four providers, plainly a sample, so that the desk shows itself without an account. */
export const openSampleEstate: PortOpener<Estate> = () => () => SAMPLE;
