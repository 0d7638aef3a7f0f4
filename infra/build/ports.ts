import type { PortName } from '../../shared/ports/index.ts';

/** Module and export that opens a port. */
interface Opener {
  readonly module: string;
  readonly name: string;
}

/** Ports whose adapter is the same on every cloud. */
const NEUTRAL: { readonly [P in PortName]?: Opener } = {
  customers: { module: 'shared/customers/stored.ts', name: 'openStoredCustomers' },
  estate: { module: 'shared/providers/sample/estate.ts', name: 'openSampleEstate' },
  model: { module: 'shared/models/offline/answers.ts', name: 'openOfflineModel' },
  notifier: { module: 'shared/notifiers/configured.ts', name: 'openConfiguredNotifier' },
};

/** Ports that each cloud has an adapter for, below `shared/clouds/<cloud>/`. */
const CLOUD: { readonly [P in PortName]?: string } = { objects: 'openObjects', vault: 'openVault' };

/** The opener of a port, or `undefined` for those that the runtime itself provides (`desk`). */
export function openerOf(port: PortName, ports: string): Opener | undefined {
  const name = CLOUD[port];
  return name ? { module: `shared/clouds/${ports}/${port}.ts`, name } : NEUTRAL[port];
}
