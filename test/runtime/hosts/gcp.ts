import type { Delivery } from '../../conformance/driver.ts';
import { startFunctionsFramework } from '../gcp.ts';
import { declarationOf, fixture, type Host, type HostOptions, startedOnce, type Target } from './host.ts';

interface NativeRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly message?: object };
}

/** The HTTP front, and a function for each other trigger, each a process of the real Functions Framework. */
export async function openGcp({ dir, env }: HostOptions): Promise<Host> {
  const services = startedOnce((key) => {
    const [name = '', trigger = ''] = key.split('.');
    const kind = name === 'http' ? 'http' : declarationOf({ function: name, trigger }).on[trigger]?.kind;
    const signatureType = kind === 'queue' || kind === 'event' ? 'cloudevent' : 'http';
    // Production mode is the artifact's own to force, whatever its environment says.
    const own = { ...env, NODE_ENV: 'development' };
    return startFunctionsFramework({ dir: `${dir}/${name}`, target: trigger, signatureType, env: own });
  });
  const urlOf = async (target: Target) => (await services.get(`${target.function}.${target.trigger}`)).url;
  const send = async (target: Target, headers: Readonly<Record<string, string>>, body: unknown) => {
    const answer = await fetch(await urlOf(target), { method: 'POST', headers, body: JSON.stringify(body) });
    return { ok: answer.ok, status: answer.status, text: await answer.text() };
  };
  /** A Pub/Sub message as Eventarc posts it. */
  async function push(target: Target, file: string, id: string, body: string, attempts?: number): Promise<Delivery> {
    const native = fixture<NativeRequest>('gcp', file);
    const message = {
      ...native.body.message,
      data: Buffer.from(body).toString('base64'),
      messageId: id,
      message_id: id,
    };
    const { ok } = await send(target, ownHeaders(native), {
      ...native.body,
      message,
      ...(attempts === undefined ? {} : { deliveryAttempt: attempts }),
    });
    return ok ? 'acknowledged' : 'again';
  }
  return {
    async request(_, { method, path, headers = {}, body }) {
      const url = await urlOf({ function: 'http', trigger: 'http' });
      const answer = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
      });
      return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
    },
    // One message a request, as push subscriptions have it.
    deliver: (target, messages) =>
      Promise.all(messages.map(({ id, body, attempts }) => push(target, 'queue', id, body, attempts))),
    publish: (target, envelope) => push(target, 'event', String(envelope['id']), JSON.stringify(envelope)),
    async tick(target, at) {
      const headers = {
        ...ownHeaders(fixture<NativeRequest>('gcp', 'schedule')),
        'x-cloudscheduler-scheduletime': new Date(at).toISOString(),
      };
      const { ok, status } = await send(target, headers, {});
      if (!ok) throw new Error(`${target.function}.${target.trigger} answered ${status}`);
    },
    async call(target, input) {
      const { ok, status, text } = await send(target, { 'content-type': 'application/json' }, input);
      if (!ok) throw new Error(`${target.function}.${target.trigger} answered ${status}: ${text}`);
      return JSON.parse(text);
    },
    log: services.log,
    stop: services.stop,
  };
}

/** Without those that belong to the connection, which is another one here. */
const ownHeaders = ({ headers }: NativeRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['host', 'content-length', 'connection'].includes(name)),
  );
