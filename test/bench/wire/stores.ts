import { createStore as openDynamoDb } from '../../../shared/clouds/aws/store.ts';
import { createStore as openCosmos } from '../../../shared/clouds/azure/store.ts';
import { createClients } from '../../../shared/clouds/gcp/clients.ts';
import { fixedIdentity } from '../../../shared/clouds/gcp/identity.ts';
import { createStore as openFirestore } from '../../../shared/clouds/gcp/store.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { startFirestore } from '../../emulators/firestore.ts';
import { MOTO_CLIENT } from '../../emulators/moto.ts';
import { startDynamoDbPeer } from '../../peers/aws-dynamodb.ts';
import { startCosmos } from '../../peers/cosmos.ts';
import { type FaultyProxy, startFaultyProxy } from '../../peers/faulty-proxy.ts';

/** A cloud's store whose requests are counted on the wire. */
export interface CountedStore {
  readonly store: Store;
  readonly proxy: FaultyProxy;
  close(): Promise<void>;
}

/** Slow is no fault here, and an attempt made twice would be counted. */
const PATIENT = { attemptMs: 30_000, deadlineMs: 60_000 } as const;

export const STORES = {
  async dynamodb(): Promise<CountedStore> {
    const peer = await startDynamoDbPeer();
    const proxy = await startFaultyProxy(peer.url);
    const store = openDynamoDb({ ...MOTO_CLIENT, ...PATIENT, endpoint: proxy.url, table: 'trifold' });
    return { store, proxy, close: closing(store, proxy, peer) };
  },
  async cosmos(): Promise<CountedStore> {
    const peer = await startCosmos();
    const proxy = await startFaultyProxy(peer.endpoint);
    const where = { endpoint: proxy.url, key: peer.key, database: 'trifold', container: 'desk' };
    const store = openCosmos({ ...PATIENT, ...where });
    return { store, proxy, close: closing(store, proxy, peer) };
  },
  /** Throws an error that names the emulator where it is missing. */
  async firestore(): Promise<CountedStore> {
    const emulator = await startFirestore();
    const proxy = await startFaultyProxy(`http://${emulator.host}`);
    const clients = createClients({
      project: 'bench',
      endpoints: { firestore: proxy.url },
      identity: fixedIdentity('owner'),
      attemptMs: PATIENT.attemptMs,
      timeoutMs: PATIENT.deadlineMs,
    });
    const close = async () => {
      clients.close();
      await proxy.close();
      await emulator.stop();
    };
    return { store: openFirestore(clients), proxy, close };
  },
} as const;

export type StoreName = keyof typeof STORES;

const closing =
  (...things: { close?(): Promise<void> }[]) =>
  async (): Promise<void> => {
    for (const thing of things) await thing.close?.();
  };

/** Opens the store, measures, and closes it whatever happens. */
export async function withStore<T>(name: StoreName, work: (counted: CountedStore) => Promise<T>): Promise<T> {
  const counted = await STORES[name]();
  try {
    return await work(counted);
  } finally {
    await counted.close();
  }
}
