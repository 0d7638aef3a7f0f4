import type { Vault } from '../../ports/vault.ts';
import type { PortOpener } from '../../runtime.ts';
import { readVariables } from '../../settings.ts';
import { inWorkspace } from '../vaults.ts';
import { createClients, fromEnvironment } from './clients.ts';
import { GCP } from './settings.ts';
import { createVault } from './vault.ts';

/** The vault of one workspace, in Secret Manager. */
export const openVaultPort: PortOpener<Vault> = ({ env, clock }) => {
  const { project, secretPrefix } = readVariables(env, GCP);
  return inWorkspace(createVault(createClients({ project, clock, ...fromEnvironment(env) }), { prefix: secretPrefix }));
};
