import { acceptedTypes } from '../../shared/envelope.ts';
import type { Declaration, Trigger } from '../../shared/function.ts';
import { toCloudScheduler } from '../cron.ts';
import { type Declared, deployedName, queuesOf, sendsAnywhere, triggersOf, triggersOfKind } from './triggers.ts';

/** One Cloud Run function. `artifact` is a folder of `dist/gcp`, `entryPoint` an export of its module. */
export interface GcpFunction {
  readonly name: string;
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
  readonly publishes: readonly string[];
}

export interface GcpManifest {
  readonly functions: readonly GcpFunction[];
  readonly queues: readonly string[];
  /** Topic of the event bus. */
  readonly bus: string;
}

const BUS = 'events';
/** Name of the one HTTP service. */
const FRONT = 'http';

export function deriveGcp(declarations: readonly Declaration[]): GcpManifest {
  const queues = queuesOf(declarations);
  const publishes = (declaration: Declaration): string[] => [
    ...(sendsAnywhere(declaration) ? queues : declaration.sends),
    ...(declaration.emits.length > 0 || sendsAnywhere(declaration) ? [BUS] : []),
  ];
  const one = (declared: Declared): GcpFunction[] => {
    const trigger = triggerOf(declared.trigger);
    if (!trigger) return [];
    const { declaration, name } = declared;
    const { memoryMb, timeoutSeconds, concurrency } = declaration.limits;
    return [
      {
        name: deployedName(declared),
        artifact: declaration.name,
        entryPoint: name,
        public: false,
        memoryMb,
        timeoutSeconds,
        concurrency,
        publishes: publishes(declaration),
        ...trigger,
      },
    ];
  };
  const fronted = triggersOfKind(declarations, 'http').map(({ declaration }) => declaration);
  const front: GcpFunction = {
    name: FRONT,
    artifact: FRONT,
    entryPoint: FRONT,
    signature: 'http',
    public: true,
    memoryMb: Math.max(512, ...fronted.map(({ limits }) => limits.memoryMb)),
    timeoutSeconds: Math.max(10, ...fronted.map(({ limits }) => limits.timeoutSeconds)),
    concurrency: 80,
    publishes: [...new Set(fronted.flatMap(publishes))].sort(),
  };
  return {
    functions: [...(fronted.length > 0 ? [front] : []), ...triggersOf(declarations).flatMap(one)],
    queues,
    bus: BUS,
  };
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
