import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventFunctions, httpFront } from '../../shared/clouds/gcp/host.ts';
import type { Bench, Driver } from './driver.ts';
import { deployedProbe } from './probe.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../events/gcp/${name}.json`, import.meta.url), 'utf8')) as {
    headers: Record<string, string>;
    body: { message: Record<string, unknown> };
  }; // our own files

/** The Functions Framework's own server around our exports, with the native requests of `events/gcp`, their content replaced. */
export async function gcpDriver(bench: Bench): Promise<Driver> {
  const { http, cloudEvent } = await import('@google-cloud/functions-framework');
  const { getTestServer } = await import('@google-cloud/functions-framework/testing');
  const servers = new Map<string, { url: string; server: Server }>();
  async function serve(name: string): Promise<string> {
    const known = servers.get(name);
    if (known) return known.url;
    const server: Server = getTestServer(name);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on a port
    servers.set(name, { url, server });
    return url;
  }
  http('front', httpFront(bench.runtime, [deployedProbe]) as Parameters<typeof http>[1]); // Express' types for what we read of them
  for (const [trigger, handler] of Object.entries(eventFunctions(bench.runtime, deployedProbe))) {
    const { kind } = deployedProbe.declaration.on[trigger] ?? {};
    if (kind === 'queue' || kind === 'event') cloudEvent(trigger, handler as Parameters<typeof cloudEvent>[1]);
    else http(trigger, handler as Parameters<typeof http>[1]);
  }
  /** Headers of the native request that still fit once its body is another. */
  const native = (headers: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => !['host', 'content-length', 'connection'].includes(name)),
    );
  async function push(
    trigger: string,
    file: string,
    body: unknown,
    attempt: number | undefined,
  ): Promise<'acknowledged' | 'again'> {
    const { headers, body: shape } = fixture(file);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const message = { ...shape.message, data: Buffer.from(text).toString('base64') };
    const payload = JSON.stringify({
      ...shape,
      message,
      ...(attempt === undefined ? {} : { deliveryAttempt: attempt }),
    });
    const answer = await fetch(await serve(trigger), { method: 'POST', headers: native(headers), body: payload });
    await answer.text();
    return answer.ok ? 'acknowledged' : 'again';
  }
  return {
    cloud: 'gcp',
    async request({ method, path, headers = {}, body }) {
      const answer = await fetch(`${await serve('front')}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
      });
      return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
    },
    deliver: (trigger, bodies, attempt) => Promise.all(bodies.map((body) => push(trigger, 'queue', body, attempt))),
    publish: (trigger, body) => push(trigger, 'event', body, undefined),
    async tick(trigger, at) {
      const headers = {
        ...native(fixture('schedule').headers),
        'x-cloudscheduler-scheduletime': new Date(at).toISOString(),
      };
      const answer = await fetch(await serve(trigger), { method: 'POST', headers, body: '{}' });
      if (!answer.ok) throw new Error(`The schedule answered ${answer.status}`);
    },
    async call(trigger, input) {
      const answer = await fetch(await serve(trigger), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      });
      const value = (await answer.json()) as { type?: string };
      return answer.ok ? { value } : { code: String(value.type).split(':').at(-1) ?? '' };
    },
    async close() {
      for (const { server } of servers.values()) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
