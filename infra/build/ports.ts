import type { PortName } from '../../shared/ports/index.ts';

/** Module and export that opens a port. */
interface Opener {
  readonly module: string;
  readonly name: string;
}

/** Ports whose opener is the same on every cloud; `objects` stand on the base. */
const NEUTRAL: { readonly [P in PortName]?: Opener } = {
  customers: { module: 'shared/customers/stored.ts', name: 'openStoredCustomers' },
  estate: { module: 'shared/providers/sample/estate.ts', name: 'openSampleEstate' },
  embeddings: { module: 'shared/models/index.ts', name: 'openEmbeddings' },
  model: { module: 'shared/models/index.ts', name: 'openModel' },
  objects: { module: 'shared/objects/scoped.ts', name: 'openScopedObjects' },
  notifier: { module: 'shared/notifiers/configured.ts', name: 'openConfiguredNotifier' },
};

/** Artifacts with the embedded ports know no cloud, so no cloud's models either. */
const OFFLINE: Opener = { module: 'shared/models/offline/answers.ts', name: 'openOfflineModel' };

/** The opener of a port, or `undefined` for those that the runtime itself provides (`desk`). */
export function openerOf(port: PortName, ports: string): Opener | undefined {
  if (port === 'vault') return { module: `shared/clouds/${ports}/ports.ts`, name: 'openVaultPort' };
  return ports === 'local' && port === 'model' ? OFFLINE : NEUTRAL[port];
}
