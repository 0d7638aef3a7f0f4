import type { Resource } from '../../shared/domain/resource.ts';
import type { Estate } from '../../shared/ports/estate.ts';

export interface Filter {
  readonly provider?: Resource['provider'] | undefined;
  readonly kind?: Resource['kind'] | undefined;
  readonly region?: string | undefined;
  /** Part of the name, type, provider's id or a tag; case does not matter. */
  readonly text?: string | undefined;
}

const fits = (filter: Filter, resource: Resource): boolean =>
  (filter.provider === undefined || resource.provider === filter.provider) &&
  (filter.kind === undefined || resource.kind === filter.kind) &&
  (filter.region === undefined || resource.region === filter.region) &&
  (filter.text === undefined || wordsOf(resource).includes(filter.text.toLowerCase()));

const wordsOf = ({ name, type, providerId, tags }: Resource): string =>
  [name, type, providerId, ...Object.entries(tags).flat()].join('\n').toLowerCase();

/** Every resource that fits, in order of id. */
export async function search(estate: Estate, filter: Filter): Promise<Resource[]> {
  const found: Resource[] = [];
  for await (const page of estate.resources()) found.push(...page.filter((resource) => fits(filter, resource)));
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Counts by a property, in order of name. */
export function countBy<K extends 'provider' | 'kind'>(
  resources: readonly Resource[],
  property: K,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const resource of resources) counts[resource[property]] = (counts[resource[property]] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
