import type { Customer, Invoice, Subscription } from '../domain/customer.ts';

/**
 * What the team's systems know of its customers. Reading only: what changes for a customer goes through allow-listed
 * tools. Throws `UnavailableError` when the system behind it is away; agents then answer from knowledge and move no money.
 */
export interface Customers {
  /** `undefined` for a customer that the system does not know. */
  profile(customerId: string): Promise<Customer | undefined>;
  subscriptions(customerId: string): Promise<readonly Subscription[]>;
  /** Newest first, at most `limit` (default 12). */
  invoices(customerId: string, limit?: number): Promise<readonly Invoice[]>;
}
