import { CLAIM_CHECK_PREFIX } from '../../shared/claim-check.ts';
import { indexDefinition } from '../../shared/clouds/gcp/documents.ts';
import { acceptedTypes } from '../../shared/envelope.ts';
import type { Declaration, Trigger } from '../../shared/function.ts';
import type { PortName } from '../../shared/ports/index.ts';
import { toCloudScheduler } from '../cron.ts';
import { type Declared, deployedName, queuesOf, sendsAnywhere, triggersOf, triggersOfKind } from './triggers.ts';

/** One Cloud Run function. `artifact` is a folder of `dist/gcp`, `entryPoint` an export of its module. */
export interface GcpFunction {
  readonly name: string;
  /** What Cloud Run calls it: lower-case letters, digits and `-`. */
  readonly service: string;
  readonly artifact: string;
  readonly entryPoint: string;
  readonly signature: 'http' | 'cloudevent';
  /** Whether the internet may call it; everything else needs an identity that Google's IAM lets in. */
  readonly public: boolean;
  readonly topic?: string;
  /** CloudEvents types of the bus that it wants. */
  readonly types?: readonly string[];
  readonly schedule?: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly concurrency: number;
}

/** What the service account of one artifact may do. */
export interface GcpAccount {
  readonly uses: readonly PortName[];
  /** Topics that it publishes to. */
  readonly publishes: readonly string[];
  /** Whether it reads queues, and so the large messages that wait as objects. */
  readonly consumes: boolean;
}

export interface GcpManifest {
  readonly functions: readonly GcpFunction[];
  readonly accounts: Readonly<Record<string, GcpAccount>>;
  readonly queues: readonly string[];
  /** Topic of the event bus. */
  readonly bus: string;
  /** Firestore's indexes as the store's adapter defines them. */
  readonly firestore: typeof indexDefinition;
  /** Where large messages wait in the object store. */
  readonly claimChecks: string;
}

const BUS = 'events';
/** Name of the one HTTP service. */
const FRONT = 'http';

/** Throws where two topics, functions or artifacts would have the same name on Google's side alone. */
export function deriveGcp(declarations: readonly Declaration[]): GcpManifest {
  const queues = queuesOf(declarations);
  const fronted = triggersOfKind(declarations, 'http').map(({ declaration }) => declaration);
  const behind = declarations.filter(({ on }) => Object.values(on).some(({ kind }) => kind !== 'http'));
  const functions = [...frontOf(fronted), ...triggersOf(declarations).flatMap(functionsOf)];
  const accounts = [
    ...(fronted.length > 0 ? [[FRONT, accountOf(fronted, queues, false)] as const] : []),
    ...behind.map((one) => [one.name, accountOf([one], queues, triggersOfKind([one], 'queue').length > 0)] as const),
  ];
  refuseTwice('topic', [BUS, ...queues]);
  refuseTwice(
    'artifact',
    accounts.map(([name]) => name),
  );
  refuseTwice(
    'function',
    functions.map(({ service }) => service),
  );
  return {
    functions,
    accounts: Object.fromEntries(accounts),
    queues,
    bus: BUS,
    firestore: indexDefinition,
    claimChecks: CLAIM_CHECK_PREFIX,
  };
}

function frontOf(fronted: readonly Declaration[]): GcpFunction[] {
  if (fronted.length === 0) return [];
  return [
    {
      name: FRONT,
      service: FRONT,
      artifact: FRONT,
      entryPoint: FRONT,
      signature: 'http',
      public: true,
      memoryMb: Math.max(512, ...fronted.map(({ limits }) => limits.memoryMb)),
      timeoutSeconds: Math.max(10, ...fronted.map(({ limits }) => limits.timeoutSeconds)),
      concurrency: 80,
    },
  ];
}

function functionsOf(declared: Declared): GcpFunction[] {
  const trigger = triggerOf(declared.trigger);
  if (!trigger) return [];
  const { declaration, name } = declared;
  const { memoryMb, timeoutSeconds, concurrency } = declaration.limits;
  const service = deployedName(declared).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return [
    {
      name: deployedName(declared),
      service,
      artifact: declaration.name,
      entryPoint: name,
      public: false,
      memoryMb,
      timeoutSeconds,
      concurrency,
      ...trigger,
    },
  ];
}

function accountOf(declarations: readonly Declaration[], queues: readonly string[], consumes: boolean): GcpAccount {
  const publishes = declarations.flatMap((declaration) => [
    ...(sendsAnywhere(declaration) ? queues : declaration.sends),
    ...(declaration.emits.length > 0 || sendsAnywhere(declaration) ? [BUS] : []),
  ]);
  const sorted = <T extends string>(names: readonly T[]): T[] => [...new Set(names)].sort();
  return { uses: sorted(declarations.flatMap(({ uses }) => uses)), publishes: sorted(publishes), consumes };
}

function triggerOf(trigger: Trigger): Pick<GcpFunction, 'signature' | 'topic' | 'types' | 'schedule'> | undefined {
  switch (trigger.kind) {
    case 'http':
      return undefined;
    case 'queue':
      return { signature: 'cloudevent', topic: trigger.queue };
    case 'event':
      return { signature: 'cloudevent', topic: BUS, types: acceptedTypes(trigger) };
    case 'schedule': {
      const derived = toCloudScheduler(trigger.cron);
      if (!derived.ok) throw new Error(derived.reason);
      return { signature: 'http', schedule: derived.expression };
    }
    case 'direct':
      return { signature: 'http' };
  }
}

function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`Two ${what}s would be called ${twice} on Google Cloud; rename one of them`);
}
