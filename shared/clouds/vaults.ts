import type { Vault } from '../ports/vault.ts';
import type { Scope } from '../runtime.ts';

/** A cloud's vault as each workspace sees it: every name below its own. */
export const inWorkspace =
  (vault: Vault) =>
  ({ workspace }: Scope): Vault => {
    const own = (name: string): string => `${workspace}/${name}`;
    return {
      get: (name, version) => vault.get(own(name), version),
      put: (name, value, options) => vault.put(own(name), value, options),
      versions: (name) => vault.versions(own(name)),
      delete: (name) => vault.delete(own(name)),
    };
  };
