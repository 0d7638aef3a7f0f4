import { badRequest } from '../../errors.ts';
import { boundsOf, INDEXES, type IndexName, type Range, STORE_LIMITS } from '../../ports/store.ts';
import { fromCursor } from './cursor.ts';
import { entriesBetween } from './items.ts';

/** A parameterised query, as Cosmos DB takes it. */
export interface SqlQuery {
  readonly query: string;
  readonly parameters: readonly { readonly name: string; readonly value: string | number | readonly string[] }[];
}

export interface Question {
  readonly sql: SqlQuery;
  readonly limit: number;
  readonly reverse: boolean;
  /** What a cursor is bound to: everything but `limit` and `cursor`. */
  readonly identity: readonly unknown[];
}

const DEFAULT_LIMIT = 100;

/** A partition in order of key. Throws a 400 for a foreign cursor. */
export function toListQuestion(partition: string, range: Range, now: number): Question {
  const identity = toIdentity(['list', partition], range);
  const where = conditions('sk', boundsOf(range), range, identity, now);
  where.add('c.pk = @pk', { '@pk': partition });
  return { sql: where.toSql('sk', range), identity, ...toPaging(range) };
}

/** One hash of an index in order of sort value. Throws a 400 for a foreign cursor. */
export function toFindQuestion(index: IndexName, hash: string, range: Range, now: number): Question {
  if (!INDEXES.includes(index)) throw badRequest(`There is no index ${index}`);
  const identity = toIdentity(['find', index, hash], range);
  const { from, to } = boundsOf(range);
  const where = conditions(index, entriesBetween(hash, from, to), range, identity, now);
  return { sql: where.toSql(index, range), identity, ...toPaging(range) };
}

/** What decides conditions of some items of a partition. */
export const toLookQuery = (keys: readonly string[]): SqlQuery => ({
  query: 'SELECT c.sk, c.w, c.x FROM c WHERE ARRAY_CONTAINS(@keys, c.sk)',
  parameters: [{ name: '@keys', value: keys }],
});

const toIdentity = (subject: readonly unknown[], { prefix, from, to, reverse }: Range): readonly unknown[] => [
  ...subject,
  prefix ?? null,
  from ?? null,
  to ?? null,
  reverse ?? false,
];

function toPaging({ limit = DEFAULT_LIMIT, reverse = false }: Range): { limit: number; reverse: boolean } {
  if (!Number.isInteger(limit) || limit < 1 || limit > STORE_LIMITS.page)
    throw badRequest(`A page has 1 to ${STORE_LIMITS.page} items, not ${limit}`);
  return { limit, reverse };
}

/** The interval, narrowed by the cursor, and only what is alive. `path` is one of our own names, never a caller's text. */
function conditions(
  path: string,
  bounds: { from: string | undefined; to: string | undefined },
  { cursor, reverse }: Range,
  identity: readonly unknown[],
  now: number,
) {
  const terms = ['(IS_NULL(c.x) OR c.x > @now)'];
  const parameters: Record<string, string | number> = { '@now': now };
  const add = (term: string, values: Record<string, string | number>): void => {
    terms.push(term);
    Object.assign(parameters, values);
  };
  if (bounds.from !== undefined) add(`c.${path} >= @from`, { '@from': bounds.from });
  if (bounds.to !== undefined) add(`c.${path} < @to`, { '@to': bounds.to });
  if (cursor !== undefined) add(`c.${path} ${reverse ? '<' : '>'} @after`, { '@after': fromCursor(identity, cursor) });
  return {
    add,
    toSql: (order: string, range: Range): SqlQuery => ({
      query: `SELECT * FROM c WHERE ${terms.join(' AND ')} ORDER BY c.${order} ${range.reverse ? 'DESC' : 'ASC'}`,
      parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
    }),
  };
}
