import type { Vault } from '../../ports/vault.ts';
import type { PortOpener } from '../../runtime.ts';
import { readVariables } from '../../settings.ts';
import { inWorkspace } from '../vaults.ts';
import { AWS } from './settings.ts';
import { createVault } from './vault.ts';

/** The vault of one workspace, in Secrets Manager. */
export const openVaultPort: PortOpener<Vault> = ({ env, clock }) =>
  inWorkspace(createVault({ prefix: readVariables(env, AWS).secretPrefix, clock }));
