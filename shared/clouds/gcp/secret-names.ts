import { badRequest } from '../../errors.ts';
import { SECRET_NAME } from '../../ports/vault.ts';

/**
 * A secret's name as Secret Manager takes it (letters, digits, `-` and `_`, at most 255): `_` doubles, so that `_-` is
 * free to stand for `/` and no two names meet. Throws a bad request for a name that the port does not allow.
 */
export function toSecretId(prefix: string, name: string): string {
  if (!SECRET_NAME.test(name)) throw badRequest('A secret is named by 1 to 120 letters, digits, "-", "_" and "/"');
  return prefix + name.replaceAll('_', '__').replaceAll('/', '_-');
}
