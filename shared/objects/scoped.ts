import { badRequest } from '../errors.ts';
import { isObjectKey, type Objects } from '../ports/objects.ts';
import type { PortOpener } from '../runtime.ts';

/** Objects as one workspace sees them: every key below its own name. */
export const openScopedObjects: PortOpener<Objects> =
  (base) =>
  ({ workspace }) => {
    const objects = base.objects();
    const own = (key: string): string => {
      if (!isObjectKey(key))
        throw badRequest('An object key is /-separated parts of 1 to 900 bytes, none of them empty or hidden');
      return `workspaces/${workspace}/${key}`;
    };
    const strip = <T extends { readonly key: string }>(info: T): T => ({
      ...info,
      key: info.key.slice(own('x').length - 1),
    });
    return {
      put: async (key, body, options) => strip(await objects.put(own(key), body, options)),
      get: async (key, range) => {
        const object = await objects.get(own(key), range);
        return object && strip(object);
      },
      head: async (key) => {
        const info = await objects.head(own(key));
        return info && strip(info);
      },
      list: async (prefix, options) => {
        const page = await objects.list(`workspaces/${workspace}/${prefix}`, options);
        return { ...page, items: page.items.map(strip) };
      },
      delete: (key) => objects.delete(own(key)),
      copy: async (from, to) => strip(await objects.copy(own(from), own(to))),
      signedLink: (key, ttlSeconds, options) => objects.signedLink(own(key), ttlSeconds, options),
    };
  };
