import { CLAIM_CHECK_PREFIX } from '../../shared/claim-check.ts';
import { containerDefinition } from '../../shared/clouds/azure/container.ts';
import type { Registration } from '../../shared/clouds/azure/host.ts';
import { acceptedTypes } from '../../shared/envelope.ts';
import type { Declaration } from '../../shared/function.ts';
import type { PortName } from '../../shared/ports/index.ts';
import { toNcrontab } from '../cron.ts';
import { deployedName, queuesOf, sendsAnywhere, triggersOf, triggersOfKind } from './triggers.ts';

/** The function app: what the bundle registers, and what Terraform makes around it. */
export interface AzureManifest {
  readonly registrations: readonly Registration[];
  readonly queues: readonly string[];
  /** Event Grid subscriptions by registration: the event types that each wants. */
  readonly subscriptions: Readonly<Record<string, readonly string[]>>;
  /** What the app's one identity needs: all functions of an app share it on Azure. */
  readonly uses: readonly PortName[];
  readonly sends: boolean;
  readonly emits: boolean;
  /** Cosmos DB's container as the store's adapter defines it. */
  readonly container: typeof containerDefinition;
  /** Where large messages wait in the object store. */
  readonly claimChecks: string;
}

export function deriveAzure(declarations: readonly Declaration[]): AzureManifest {
  const registrations = triggersOf(declarations).flatMap((declared): Registration[] => {
    const { declaration, name: trigger } = declared;
    const common = { name: deployedName(declared), function: declaration.name, trigger };
    switch (declared.trigger.kind) {
      case 'http':
        return [];
      case 'queue':
        return [{ ...common, kind: 'queue', queue: declared.trigger.queue }];
      case 'event':
        return [{ ...common, kind: 'event' }];
      case 'schedule':
        return [{ ...common, kind: 'schedule', schedule: expressionOf(declared.trigger.cron) }];
      case 'direct':
        return [{ ...common, kind: 'direct', route: `direct/${declaration.name}/${trigger}` }];
    }
  });
  const front: Registration[] = triggersOfKind(declarations, 'http').length > 0 ? [{ name: 'http', kind: 'http' }] : [];
  const subscriptions = Object.fromEntries(
    triggersOfKind(declarations, 'event').map((declared) => [deployedName(declared), acceptedTypes(declared.trigger)]),
  );
  return {
    registrations: [...front, ...registrations],
    queues: queuesOf(declarations),
    subscriptions,
    uses: [...new Set(declarations.flatMap(({ uses }) => uses))].sort(),
    sends: declarations.some((one) => one.sends.length > 0 || sendsAnywhere(one)),
    emits: declarations.some((one) => one.emits.length > 0 || sendsAnywhere(one)),
    container: containerDefinition,
    claimChecks: CLAIM_CHECK_PREFIX,
  };
}

function expressionOf(cron: string): string {
  const derived = toNcrontab(cron);
  if (!derived.ok) throw new Error(derived.reason);
  return derived.expression;
}
