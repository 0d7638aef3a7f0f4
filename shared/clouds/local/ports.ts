import { join } from 'node:path';
import type { Vault } from '../../ports/vault.ts';
import type { PortOpener } from '../../runtime.ts';
import { readVariables } from '../../settings.ts';
import { inWorkspace } from '../vaults.ts';
import { LOCAL } from './settings.ts';
import { openVault } from './vault.ts';

/** The vault of one workspace, in the encrypted file of the data folder. */
export const openVaultPort: PortOpener<Vault> = ({ env, clock }) =>
  inWorkspace(openVault(join(readVariables(env, LOCAL).dataDir, 'vault'), clock));
