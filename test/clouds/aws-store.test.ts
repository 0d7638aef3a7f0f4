import { afterAll } from 'vitest';
import { createStore } from '../../shared/clouds/aws/store.ts';
import { storeContract } from '../contracts/store.ts';
import { storeFaultContract } from '../contracts/store-faults.ts';
import { startMotoIfThere } from '../emulators/moto.ts';
import { startDynamoDbPeer } from '../peers/aws-dynamodb.ts';
import { closing, newTable, openFaults, toMoto } from '../peers/aws-openers.ts';
import { startFaultyProxy } from '../peers/faulty-proxy.ts';

const { moto, missing } = await startMotoIfThere();
const url = moto?.url ?? '';
afterAll(() => moto?.stop());

storeContract('DynamoDB (peer with its limits)', async ({ clock }) => {
  const peer = await startDynamoDbPeer();
  const store = createStore({ ...toMoto(peer.url), clock, table: 'trifold' });
  return { store, close: closing(store, peer) };
});

storeContract(
  'DynamoDB (moto)',
  async ({ clock }) => {
    // moto undoes a failed transaction by putting back a copy of the whole table, and with it what others wrote since:
    // it is asked one thing at a time, while the writers go on competing between their reads and their writes.
    const proxy = await startFaultyProxy(url, { serial: true });
    const store = createStore({ ...toMoto(proxy.url), clock, table: await newTable(url) });
    return { store, close: closing(store, proxy) };
  },
  { missing, items: 90, writers: 4, increments: 10 },
);

storeFaultContract(
  'DynamoDB (moto)',
  async ({ clock }) => {
    const { proxy, aws, faults } = await openFaults(url);
    const store = createStore({ ...aws, clock, table: await newTable(url) });
    return { store, faults, close: closing(store, proxy) };
  },
  { missing },
);

storeFaultContract('DynamoDB (peer with its token)', async ({ clock }) => {
  const peer = await startDynamoDbPeer();
  const { proxy, aws, faults } = await openFaults(peer.url);
  const store = createStore({ ...aws, clock, table: 'trifold' });
  return { store, faults, close: closing(store, proxy, peer) };
});
