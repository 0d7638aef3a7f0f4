import type { Customers } from './customers.ts';
import type { Desk } from './desk.ts';
import type { Embeddings } from './embeddings.ts';
import type { Estate } from './estate.ts';
import type { Model } from './model.ts';
import type { Notifier } from './notifier.ts';
import type { Objects } from './objects.ts';
import type { Vault } from './vault.ts';

/** Ports that a function names in `uses`; handlers find exactly those in their context. */
export interface Ports {
  readonly customers: Customers;
  readonly desk: Desk;
  readonly embeddings: Embeddings;
  readonly estate: Estate;
  readonly model: Model;
  readonly notifier: Notifier;
  readonly objects: Objects;
  readonly vault: Vault;
}
export type PortName = keyof Ports;
