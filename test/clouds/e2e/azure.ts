import { setTimeout as pause } from 'node:timers/promises';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { openBase } from '../../../shared/clouds/azure/base.ts';
import { startAzurite } from '../../emulators/azurite.ts';
import { startCosmos } from '../../peers/cosmos.ts';
import { startEventGrid } from '../../peers/event-grid.ts';
import { startServiceBus } from '../../peers/service-bus.ts';
import { openAzure } from '../../runtime/hosts/azure.ts';
import { type Feeder, type Services, type Source, sources } from './desk.ts';

const CONTAINER = 'trifold';
/** Invocations at the same time for one queue, as `host.json` says. */
const AT_ONCE = 16;

/** Cosmos DB, Service Bus and Event Grid by our peers, Blob Storage by Azurite. Throws an error that names what is missing. */
export async function openServices(): Promise<Services> {
  const [azurite, cosmos, bus, grid] = await Promise.all([
    startAzurite(),
    startCosmos(),
    startServiceBus(),
    startEventGrid(),
  ]);
  const blobs = new BlobServiceClient(azurite.endpoint, new StorageSharedKeyCredential(azurite.account, azurite.key));
  await blobs.createContainer(CONTAINER);
  for (const { name, types } of sources) for (const type of types) grid.subscribe(`${name}/${type}`, type);
  return {
    env: {
      TRIFOLD_COSMOS_ENDPOINT: cosmos.endpoint,
      TRIFOLD_COSMOS_KEY: cosmos.key,
      TRIFOLD_SERVICE_BUS_ENDPOINT: bus.endpoint,
      TRIFOLD_SERVICE_BUS_KEY: `${bus.key.name}:${bus.key.value}`,
      TRIFOLD_EVENT_GRID_ENDPOINT: grid.endpoint,
      TRIFOLD_EVENT_GRID_KEY: grid.key,
      TRIFOLD_BLOB_ENDPOINT: azurite.endpoint,
      TRIFOLD_BLOB_CONTAINER: CONTAINER,
      TRIFOLD_BLOB_KEY: azurite.key,
    },
    openBase: (env) => openBase(env, 'test'),
    openHost: openAzure,
    async feed({ host, deliveries }): Promise<Feeder> {
      const client = new ServiceBusClient(bus.connectionString);
      const gates = new Map<string, PromiseWithResolvers<void>>();

      /** What the Functions host does with a queue trigger of cardinality one. */
      function receive({ name, target }: Source): void {
        const receiver = client.createReceiver(name, { skipParsingBodyAsJson: true });
        const handle = async (message: ServiceBusReceivedMessage) => {
          await gates.get(name)?.promise; // locked meanwhile; the SDK renews locks by itself
          const body = Buffer.from(message.body).toString();
          // AMQP counts the deliveries before this one, the trigger's metadata this one as well.
          const attempts = (message.deliveryCount ?? 0) + 1;
          const [verdict = 'again'] = await host.deliver(target, [{ id: String(message.messageId), body, attempts }]);
          if (verdict === 'acknowledged') await receiver.completeMessage(message);
          else await receiver.abandonMessage(message);
          deliveries.add(name, body, verdict);
        };
        receiver.subscribe(
          { processMessage: handle, processError: async () => undefined },
          { autoCompleteMessages: false, maxConcurrentCalls: AT_ONCE },
        );
      }

      let stopped = false;
      /** What Event Grid does for the subscriptions of a custom topic: each event by itself, until it is taken. */
      async function pushEvents(): Promise<void> {
        while (!stopped) {
          for (const { name, target, types } of sources) {
            const events = types.flatMap((type) => grid.take(`${name}/${type}`, 10));
            for (const event of events) {
              for (let taken = false; !taken && !stopped; ) {
                const verdict = await host.publish(target, event);
                deliveries.add(name, event, verdict);
                taken = verdict === 'acknowledged';
              }
            }
          }
          await pause(20);
        }
      }

      const queues = sources.filter(({ types }) => types.length === 0);
      for (const queue of queues) receive(queue);
      const pushing = pushEvents();
      return {
        hold: async (queue) => void gates.set(queue, Promise.withResolvers()),
        async release(queue) {
          gates.get(queue)?.resolve();
          gates.delete(queue);
        },
        async stop() {
          stopped = true;
          await pushing;
          await client.close();
        },
      };
    },
    async stop() {
      await Promise.all([azurite.stop(), cosmos.close(), bus.close(), grid.close()]);
    },
  };
}
