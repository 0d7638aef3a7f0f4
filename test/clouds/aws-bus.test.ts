import { afterAll } from 'vitest';
import { createBus } from '../../shared/clouds/aws/bus.ts';
import { busContract, busFaultContract, CONTRACT_SUBSCRIBERS } from '../contracts/bus.ts';
import { manualClock } from '../contracts/support.ts';
import { startMotoIfThere } from '../emulators/moto.ts';
import { startEventBridgePeer } from '../peers/aws-eventbridge.ts';
import { closing, newBus, openFaults, toMoto } from '../peers/aws-openers.ts';

const { moto, missing } = await startMotoIfThere();
const url = moto?.url ?? '';
afterAll(() => moto?.stop());

const source = 'trifold.contract';

busContract(
  'EventBridge (moto)',
  async () => {
    const made = await newBus(url, source, CONTRACT_SUBSCRIBERS);
    const bus = createBus({ ...toMoto(url), bus: made.bus, source });
    return {
      bus,
      async receive(subscriber, max) {
        // What a rule brings is EventBridge's own envelope, with ours as its detail.
        const bodies = await made.receive(subscriber, max);
        return bodies.map((body) => ({ body: JSON.stringify(JSON.parse(body).detail) }));
      },
      close: closing(bus),
    };
  },
  // moto takes a quarter of a second and more for each; the peer below takes the crowd.
  { missing, events: 5 },
);

busContract('EventBridge (peer with its limits)', async () => {
  const peer = await startEventBridgePeer();
  const bus = createBus({ ...toMoto(peer.url), bus: 'default', source });
  return { bus, receive: async (name, max) => receiveFrom(peer, name, max), close: closing(bus, peer) };
});

busFaultContract('EventBridge (peer with its limits)', async () => {
  const peer = await startEventBridgePeer();
  const { proxy, aws, faults } = await openFaults(peer.url);
  const bus = createBus({ ...aws, clock: manualClock(), bus: 'default', source });
  return { bus, faults, receive: async (name, max) => receiveFrom(peer, name, max), close: closing(bus, proxy, peer) };
});

function receiveFrom(peer: Awaited<ReturnType<typeof startEventBridgePeer>>, name: string, max: number) {
  return CONTRACT_SUBSCRIBERS.filter((subscriber) => subscriber.name === name)
    .flatMap((subscriber) => peer.receive(subscriber, max))
    .map((body) => ({ body }));
}
