import { describe, expect, it } from 'vitest';
import { functions } from '../../../functions/index.ts';
import { deriveAzure } from '../../../infra/derive/azure.ts';
import { deriveGcp } from '../../../infra/derive/gcp.ts';
import { containerDefinition } from '../../../shared/clouds/azure/container.ts';
import { indexDefinition } from '../../../shared/clouds/gcp/documents.ts';
import { everything, functionOf, quiet, sweeper } from './derive-declarations.ts';

const declared = [everything, quiet, sweeper];

describe('a trigger on Azure', () => {
  const manifest = deriveAzure(declared);
  const common = (trigger: string) => ({ name: `every-thing-${trigger}`, function: 'every-thing', trigger });

  it.each([
    ['http', { name: 'http', kind: 'http' }],
    ['queue', { ...common('work'), kind: 'queue', queue: 'jobs' }],
    ['event', { ...common('jobDone'), kind: 'event' }],
    ['schedule', { ...common('nightly'), kind: 'schedule', schedule: '0 30 2 * * 1-5' }],
    ['direct', { ...common('count'), kind: 'direct', route: 'direct/every-thing/count' }],
  ])('%s: becomes a registration of the app', (kind, registration) => {
    expect(manifest.registrations.find((one) => one.kind === kind)).toEqual(registration);
  });

  it('event: becomes a subscription of the types that its function takes', () => {
    expect(manifest.subscriptions).toEqual({ 'every-thing-jobDone': ['job.done.v2', 'job.done.v1', 'job.done'] });
  });

  it('is registered once, and the front once for all functions', () => {
    const names = deriveAzure(functions).registrations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name === 'http')).toHaveLength(1);
  });

  it('queue: has its queue', () => {
    expect(manifest.queues).toEqual(['jobs', 'rumours']);
  });
});

describe('the app on Azure', () => {
  it('is told what its one identity needs', () => {
    expect(deriveAzure(declared)).toMatchObject({
      uses: ['desk', 'notifier', 'objects', 'vault'],
      sends: true,
      emits: true,
      claimChecks: 'claim-checks/',
    });
    expect(deriveAzure([quiet])).toMatchObject({ uses: [], sends: false, emits: false });
  });

  it('has the container that the store asks for', () => {
    expect(deriveAzure(declared).container).toEqual(containerDefinition);
  });

  it('has no HTTP front when nothing answers HTTP', () => {
    expect(deriveAzure([quiet]).registrations.map(({ name }) => name)).toEqual(['quiet-heard']);
  });
});

describe('a trigger on Google Cloud', () => {
  const manifest = deriveGcp(declared);
  const limits = { memoryMb: 256, timeoutSeconds: 40, concurrency: 1 };
  const common = (trigger: string, service = trigger) => ({
    name: `every-thing-${trigger}`,
    service: `every-thing-${service}`,
    artifact: 'every-thing',
    entryPoint: trigger,
    public: false,
    ...limits,
  });

  it.each([
    [
      'http',
      {
        name: 'http',
        service: 'http',
        artifact: 'http',
        entryPoint: 'http',
        signature: 'http',
        public: true,
        memoryMb: 512,
        timeoutSeconds: 40,
        concurrency: 80,
      },
    ],
    ['queue', { ...common('work'), signature: 'cloudevent', topic: 'jobs' }],
    [
      'event',
      {
        ...common('jobDone', 'job-done'),
        signature: 'cloudevent',
        topic: 'events',
        types: ['job.done.v2', 'job.done.v1', 'job.done'],
      },
    ],
    ['schedule', { ...common('nightly'), signature: 'http', schedule: '30 2 * * 1-5' }],
    ['direct', { ...common('count'), signature: 'http' }],
  ])('%s: becomes a function', (_, expected) => {
    expect(manifest.functions.find(({ name }) => name === expected.name)).toEqual(expected);
  });

  it('leaves nothing but the front open to the internet', () => {
    expect(
      deriveGcp(functions)
        .functions.filter((one) => one.public)
        .map(({ name }) => name),
    ).toEqual(['http']);
  });

  it('has names that Cloud Run takes', () => {
    for (const { service } of deriveGcp(functions).functions) expect(service).toMatch(/^[a-z][a-z0-9-]*[a-z0-9]$/);
  });
});

describe('service accounts on Google Cloud', () => {
  it('get what the functions of their artifact declare', () => {
    expect(deriveGcp(declared).accounts).toEqual({
      http: { uses: ['notifier', 'objects', 'vault'], publishes: ['events', 'jobs'], consumes: false },
      'every-thing': { uses: ['notifier', 'objects', 'vault'], publishes: ['events', 'jobs'], consumes: true },
      quiet: { uses: [], publishes: [], consumes: true },
      sweeper: { uses: ['desk'], publishes: ['events', 'jobs', 'rumours'], consumes: false },
    });
  });

  it('exist for every artifact that is deployed, and only for those', () => {
    const { functions: deployed, accounts } = deriveGcp(functions);
    expect(Object.keys(accounts).sort()).toEqual([...new Set(deployed.map(({ artifact }) => artifact))].sort());
  });
});

describe('the database on Google Cloud', () => {
  it('has the indexes that the store asks for', () => {
    expect(deriveGcp([functionOf({})]).firestore).toEqual(indexDefinition);
  });
});
