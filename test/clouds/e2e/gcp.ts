import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { openBase } from '../../../shared/clouds/gcp/base.ts';
import { systemClock } from '../../../shared/ports/clock.ts';
import { startFirestore } from '../../emulators/firestore.ts';
import { startPubsub } from '../../emulators/pubsub.ts';
import { startCloudStorage } from '../../peers/cloud-storage.ts';
import { startFunctionsFramework } from '../../runtime/gcp.ts';
import { openGcp } from '../../runtime/hosts/gcp.ts';
import { fixture, type HostOptions, startedOnce } from '../../runtime/hosts/host.ts';
import type { Deliveries } from './deliveries.ts';
import { type Feeder, type Services, type Source, sources } from './desk.ts';

const NAMES = { project: 'trifold-test', prefix: 'trifold-', bus: 'trifold-events', bucket: 'trifold-test' } as const;

/** What Pub/Sub posts to a push subscription's endpoint: https://cloud.google.com/pubsub/docs/push */
interface Push {
  readonly message: { readonly data: string; readonly messageId: string; readonly attributes: Record<string, string> };
  readonly subscription: string;
}

/** Firestore and Pub/Sub by Google's emulators, Cloud Storage by our peer. Throws an error that names what is missing. */
export async function openServices(): Promise<Services> {
  const [firestore, pubsub, storage] = await Promise.all([
    startFirestore(),
    startPubsub(),
    startCloudStorage(NAMES.bucket, systemClock),
  ]);
  const path = `projects/${NAMES.project}`;
  const ask = async (method: string, what: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const url = `http://${pubsub.host}/v1/${path}/${what}`;
    const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${what}: ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  };
  const topicOf = ({ name, types }: Source) => (types.length > 0 ? NAMES.bus : `${NAMES.prefix}${name}`);
  for (const topic of new Set(sources.map(topicOf))) await ask('PUT', `topics/${topic}`, {});
  return {
    env: {
      GOOGLE_CLOUD_PROJECT: NAMES.project,
      TRIFOLD_TOPIC_PREFIX: NAMES.prefix,
      TRIFOLD_BUS: NAMES.bus,
      TRIFOLD_BUCKET: NAMES.bucket,
      FIRESTORE_EMULATOR_HOST: firestore.host,
      PUBSUB_EMULATOR_HOST: pubsub.host,
      STORAGE_EMULATOR_HOST: storage.url,
    },
    openBase: (env) => openBase(env, 'test'),
    openHost: openGcp,
    async feed({ deliveries, ...options }): Promise<Feeder> {
      const ingress = await startIngress(options, deliveries);
      const subscribe = (source: Source) =>
        ask('PUT', `subscriptions/${source.name}`, {
          topic: `${path}/topics/${topicOf(source)}`,
          pushConfig: { pushEndpoint: `${ingress.url}/${source.name}` },
          ackDeadlineSeconds: 600,
          retryPolicy: { minimumBackoff: '0.1s', maximumBackoff: '1s' },
        });
      for (const source of sources) await subscribe(source);
      return ingress;
    },
    async stop() {
      await Promise.all([firestore.stop(), pubsub.stop(), storage.close()]);
    },
  };
}

/**
 * Plays Eventarc and Cloud Run's front: takes what the push subscriptions post, drops the types that a subscription's
 * filter would (the emulator ignores filters), starts the function's process when it is first wanted, adds the headers
 * of a CloudEvent, and passes the body and the verdict on.
 */
async function startIngress({ dir, env }: HostOptions, deliveries: Deliveries) {
  const services = startedOnce((name) => {
    const { target } = sourceOf(name);
    const own = { dir: `${dir}/${target.function}`, target: target.trigger, signatureType: 'cloudevent' as const };
    return startFunctionsFramework({ ...own, env: { ...env } });
  });
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const { headers } = fixture<{ headers: Record<string, string> }>('gcp', 'queue');
  const eventHeaders = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('ce-'));

  async function deliver(source: Source, push: Push): Promise<number> {
    const { attributes, data, messageId } = push.message;
    if (source.types.length > 0 && !source.types.includes(attributes['type'] ?? '')) return 204;
    await gates.get(source.name)?.promise;
    const { url } = await services.get(source.name);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...Object.fromEntries(eventHeaders), 'ce-id': messageId },
      body: JSON.stringify(push),
    });
    await answer.body?.cancel();
    deliveries.add(source.name, Buffer.from(data, 'base64').toString(), answer.ok ? 'acknowledged' : 'again');
    return answer.status;
  }

  const server = createServer(async (request: IncomingMessage, response) => {
    const push = (await json(request)) as Push; // from the emulator
    const status = await deliver(sourceOf(request.url?.slice(1) ?? ''), push).catch(() => 503);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // of a TCP server that listens
    hold: async (queue: string) => void gates.set(queue, Promise.withResolvers()),
    async release(queue: string) {
      gates.get(queue)?.resolve();
      gates.delete(queue);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await services.stop();
    },
  };
}

function sourceOf(name: string): Source {
  const source = sources.find((one) => one.name === name);
  if (!source) throw new Error(`Nothing is subscribed as ${name}`);
  return source;
}
