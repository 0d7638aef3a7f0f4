import type { Vault } from '../../ports/vault.ts';
import type { PortOpener } from '../../runtime.ts';
import { readVariables } from '../../settings.ts';
import { inWorkspace } from '../vaults.ts';
import { AZURE } from './settings.ts';
import { createVault } from './vault.ts';

/** The vault of one workspace, in Key Vault. */
export const openVaultPort: PortOpener<Vault> = ({ env, clock }) =>
  inWorkspace(createVault({ endpoint: readVariables(env, AZURE).vaultEndpoint, clock }));
