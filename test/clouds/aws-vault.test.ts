import { afterAll } from 'vitest';
import { createVault } from '../../shared/clouds/aws/vault.ts';
import { vaultContract, vaultFaultContract } from '../contracts/vault.ts';
import { startMotoIfThere } from '../emulators/moto.ts';
import { mendVersions } from '../peers/aws-faults.ts';
import { closing, openFaults, toMoto } from '../peers/aws-openers.ts';

const { moto, missing } = await startMotoIfThere();
const url = moto?.url ?? '';
afterAll(() => moto?.stop());

const PREFIX = 'trifold/contract/';

vaultContract(
  'Secrets Manager (moto)',
  async ({ clock }) => {
    const { proxy } = await openFaults(url);
    mendVersions(proxy);
    const vault = createVault({ ...toMoto(proxy.url), clock, prefix: PREFIX });
    return { vault, close: closing(vault, proxy) };
  },
  { missing },
);

vaultFaultContract(
  'Secrets Manager (moto)',
  async ({ clock }) => {
    const { proxy, aws, faults } = await openFaults(url);
    const vault = createVault({ ...aws, clock, prefix: PREFIX });
    return { vault, faults, close: closing(vault, proxy) };
  },
  { missing },
);
