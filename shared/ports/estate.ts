import type { Charge } from '../domain/charge.ts';
import type { Resource } from '../domain/resource.ts';

/** What runs on the connected providers and what it costs, as they tell it. */
export interface Estate {
  /** Pages of the inventory, in no particular order. */
  resources(): AsyncIterable<readonly Resource[]>;
  /** Charges whose period starts in `[from, to)`, epoch milliseconds. */
  charges(from: number, to: number): AsyncIterable<readonly Charge[]>;
}
