import {
  type Customer,
  type CustomerProfile,
  type CustomerRecord,
  customerPartition,
  type Invoice,
  type Subscription,
} from '../domain/customer.ts';
import { put } from '../pipeline/writes.ts';
import type { Customers } from '../ports/customers.ts';
import type { Write } from '../ports/store.ts';
import type { PortOpener } from '../runtime.ts';

/** Customers kept in the desk's own store, managed over the API; the way for teams without another system. */
export const openStoredCustomers: PortOpener<Customers> =
  () =>
  ({ read }) => {
    return {
      async profile(id) {
        const item = await read.get<CustomerProfile>(customerPartition(id), 'profile');
        return item && ({ id, ...item.value } satisfies Customer);
      },
      subscriptions: async (id) =>
        (await read.list<Subscription>(customerPartition(id), { prefix: 'subscription/' })).items.map(
          (item) => item.value,
        ),
      invoices: async (id, limit = 12) =>
        (await read.list<Invoice>(customerPartition(id), { prefix: 'invoice/', reverse: true, limit })).items.map(
          (item) => item.value,
        ),
    };
  };

const invoiceKey = (invoice: Invoice): string => `invoice/${invoice.issuedAt}/${invoice.id}`;

/** The writes that make a customer what the record says, dropping what it no longer has. */
export function customerWrites(id: string, record: CustomerRecord, existing: readonly string[]): Write[] {
  const { subscriptions, invoices, ...profile } = record;
  const indexes = { i2: { hash: 'customers', sort: id } };
  const puts = [
    put('profile', profile, 'any', { indexes }),
    ...subscriptions.map((subscription) => put(`subscription/${subscription.id}`, subscription, 'any')),
    ...invoices.map((invoice) => put(invoiceKey(invoice), invoice, 'any')),
  ];
  const kept = new Set(puts.map((write) => write.key));
  return [
    ...puts,
    ...existing.filter((key) => !kept.has(key)).map((key) => ({ kind: 'delete', key, if: 'any' }) as const),
  ];
}
