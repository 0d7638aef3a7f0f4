import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { type Article, ArticleId, ArticleSchema } from '../../../shared/domain/article.ts';
import { CustomerId, CustomerRecord } from '../../../shared/domain/customer.ts';

const DATA = new URL('../../../shared/providers/sample/data/', import.meta.url);
const sample = (name: string): unknown => JSON.parse(readFileSync(new URL(name, DATA), 'utf8'));

/** The sample customers, by id. */
export const customers = z.record(CustomerId, CustomerRecord).parse(sample('customers.json'));

export const articles: readonly Article[] = Object.entries(
  z.record(ArticleId, ArticleSchema).parse(sample('articles.json')),
).map(([id, article]) => ({ id, ...article }));

/** One sample customer as the customers port gives it. */
export function customer(name: string) {
  const record = customers[`cus_${name}`];
  if (!record) throw new Error(`No sample customer ${name}`);
  const { subscriptions, invoices, ...profile } = record;
  return { customer: { id: `cus_${name}`, ...profile }, subscriptions, invoices };
}
