import { badRequest, LimitError } from '../../errors.ts';
import { systemClock } from '../../ports/clock.ts';
import { DEFAULT_OVERLAP_MS, SECRET_NAME, type Vault } from '../../ports/vault.ts';
import type { RetryOptions } from '../retries.ts';
import { type ClientOptions, clientConfig, lazyClient, within } from './clients.ts';
import { isNamed } from './errors.ts';
import { createRetrying } from './retry.ts';
import { isVersionId, type ListedVersion, toVersionId, toVersions } from './versions.ts';

export interface VaultOptions extends ClientOptions, RetryOptions {
  /** What stands before every name: `trifold/<stage>/`. The role's permissions end with it and `*`. */
  readonly prefix: string;
}

const VALUE_BYTES = 25_000;

/**
 * Secrets in AWS Secrets Manager. Nothing is kept here between two calls. Past its overlap a version is not returned
 * any more; the service itself removes replaced versions when there are more than a hundred.
 */
export function createVault(options: VaultOptions): Vault {
  const { prefix, clock = systemClock } = options;
  const client = lazyClient(async () => {
    const sdk = await import('./secrets-manager.ts');
    const manager = new sdk.SecretsManagerClient(clientConfig(options));
    return { sdk, manager, destroy: () => manager.destroy() };
  });
  const retrying = createRetrying('The vault', client.renew, options);

  /** `undefined` also for a secret that waits for its deletion, which is gone for everybody but the service. */
  async function read(SecretId: string, VersionId?: string) {
    return retrying({ operation: 'GetSecretValue' }, async ({ ms }) => {
      const { sdk, manager } = await client.get();
      const which = VersionId === undefined ? {} : { VersionId };
      return ifThere(manager.send(new sdk.GetSecretValueCommand({ SecretId, ...which }), within(ms)));
    });
  }

  async function list(SecretId: string): Promise<ListedVersion[]> {
    const listed: ListedVersion[] = [];
    let NextToken: string | undefined;
    do {
      const page = NextToken ? { NextToken } : {};
      const answer = await retrying({ operation: 'ListSecretVersionIds' }, async ({ ms }) => {
        const { sdk, manager } = await client.get();
        const input = { SecretId, IncludeDeprecated: true, MaxResults: 100, ...page };
        return ifThere(manager.send(new sdk.ListSecretVersionIdsCommand(input), within(ms)));
      });
      listed.push(...(answer?.Versions ?? []));
      NextToken = answer?.NextToken;
    } while (NextToken);
    return listed;
  }

  return {
    async get(name, version) {
      const SecretId = prefix + checked(name);
      if (version !== undefined && !isVersionId(version)) return undefined;
      const found = await read(SecretId, version);
      if (found?.SecretString === undefined || found.VersionId === undefined) return undefined;
      const secret = { value: found.SecretString, version: found.VersionId };
      if (version === undefined || found.VersionStages?.includes('AWSCURRENT')) return secret;
      const readable = toVersions(await list(SecretId), clock.now());
      return readable.some((each) => each.version === version) ? secret : undefined;
    },
    async put(name, value, { keepPreviousMs = DEFAULT_OVERLAP_MS } = {}) {
      const SecretId = prefix + checked(name);
      if (Buffer.byteLength(value) > VALUE_BYTES)
        throw new LimitError(`The value of secret ${name} has more than ${VALUE_BYTES} bytes`);
      const version = toVersionId(clock.now(), keepPreviousMs);
      // The id makes both calls safe to repeat: the same id with the same value is the same version.
      const content = { ClientRequestToken: version, SecretString: value };
      await retrying({ operation: 'PutSecretValue' }, async ({ ms }) => {
        const { sdk, manager } = await client.get();
        const replaced = await ifThere(
          manager.send(new sdk.PutSecretValueCommand({ SecretId, ...content }), within(ms)),
        );
        if (replaced) return;
        try {
          await manager.send(new sdk.CreateSecretCommand({ Name: SecretId, ...content }), within(ms));
        } catch (error) {
          throw isNamed(error, ...UNSETTLED)
            ? Object.assign(new Error('unsettled'), { name: 'OperationAborted' })
            : error;
        }
      });
      return { version };
    },
    async versions(name) {
      return toVersions(await list(prefix + checked(name)), clock.now());
    },
    async delete(name) {
      const SecretId = prefix + checked(name);
      await retrying({ operation: 'DeleteSecret' }, async ({ ms }) => {
        const { sdk, manager } = await client.get();
        const input = { SecretId, ForceDeleteWithoutRecovery: true };
        await ifThere(manager.send(new sdk.DeleteSecretCommand(input), within(ms)));
      });
    },
    close: client.close,
  };
}

/** Somebody else has just made the secret, or its deletion is not through yet: putting again will tell. */
const UNSETTLED = ['ResourceExistsException', 'InvalidRequestException'];

const ifThere = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isNamed(error, 'ResourceNotFoundException') || isBeingDeleted(error)) return undefined;
    throw error;
  });

/** The service has one name for several refusals; this one alone speaks of deletion. */
const isBeingDeleted = (error: unknown): boolean =>
  isNamed(error, 'InvalidRequestException') && /delet/i.test(String(error));

function checked(name: string): string {
  if (!SECRET_NAME.test(name))
    throw badRequest(
      'A secret needs a name of 1 to 120 letters, digits, "-", "_" and "/", beginning with one of the first two',
    );
  return name;
}
