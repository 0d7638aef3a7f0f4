import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAzure } from './azure.ts';
import type { AzureTrigger } from './azure-rpc.ts';
import { type Artifact, makeArtifact } from './fixtures.ts';
import { startFunctionsFramework } from './gcp.ts';

// The native events, through the runtimes that would receive them.

const folder = join(import.meta.dirname, '..', '..', 'events');
const read = async <T>(name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as T; // our own fixtures
const ticket = expect.objectContaining({ customerId: 'cus_acme', channel: 'api' });
const envelope = (type: string) => expect.objectContaining({ specversion: '1.0', type, data: ticket });
const intake = envelope('trifold.intake.v1');
const requested = envelope('support.ticket.requested.v1');

/** A native HTTP request, as Google's files hold it. */
interface HttpFixture {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

let artifact: Artifact;
beforeAll(async () => {
  artifact = await makeArtifact(`
    import { app } from '@azure/functions';
    const echo = async (input, context) => ({ input, metadata: context.triggerMetadata });
    app.http('http', { route: '{*path}', handler: async (request) => ({ jsonBody: { path: request.params.path, body: await request.json() } }) });
    app.serviceBusQueue('queue', { connection: 'BUS', queueName: 'tickets', handler: echo });
    app.eventGrid('event', { handler: echo });
    app.timer('schedule', { schedule: '0 0 6 * * *', handler: echo });
    export const web = (request, response) => response.json({ path: request.path, body: request.body, headers: request.headers });
    export const event = async (cloudEvent) => cloudEvent;
  `);
});
afterAll(() => artifact.remove());

it('have a line each in the README', async () => {
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  const listed = ['aws', 'azure', 'gcp'].map(async (cloud) =>
    (await readdir(join(folder, cloud))).map((name) => `${cloud}/${name}`),
  );
  const files = (await Promise.all(listed)).flat();
  expect(files).toHaveLength(15);
  expect(files.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

describe('on AWS', () => {
  it.each(['http-v1', 'http-v2'])('%s carries the ticket', async (name) => {
    const { body } = await read<{ body: string }>(`aws/${name}.json`);
    expect(JSON.parse(body)).toEqual(ticket);
  });

  it('queue carries ten envelopes with ids of their own, event one', async () => {
    const { Records } = await read<{ Records: { body: string; messageId: string }[] }>('aws/queue.json');
    const envelopes = Records.map(({ body }) => JSON.parse(body) as { id: string }); // an envelope has one
    expect(envelopes).toEqual(Array(10).fill(intake));
    expect(new Set([...envelopes.map(({ id }) => id), ...Records.map(({ messageId }) => messageId)]).size).toBe(20);
    expect(await read('aws/event.json')).toMatchObject({ detail: requested });
  });
});

describe('on Azure', () => {
  it('reach their functions as the library converts them', async () => {
    const azure = await startAzure({ dir: artifact.dir });
    const send = async (name: string) =>
      (await azure.invoke(name, await read<AzureTrigger>(`azure/${name}.json`))).body;
    const { text } = (await send('http')) as { text: string }; // an HTTP function answers with text
    expect(JSON.parse(text)).toEqual({ path: 'tickets', body: ticket });
    const metadata = expect.objectContaining({ deliveryCount: 1, messageId: expect.any(String), sequenceNumber: 4711 });
    expect(await send('queue')).toEqual({ input: intake, metadata });
    expect(await send('event')).toMatchObject({ input: requested });
    const scheduleStatus = expect.objectContaining({ next: '2026-11-20T06:00:00+00:00' });
    expect(await send('schedule')).toEqual({
      input: { schedule: { adjustForDST: true }, scheduleStatus, isPastDue: false },
    });
    await azure.stop();
  });
});

describe('on Google', () => {
  // The casts below name what the two echoing functions return.
  const send = async (url: string, name: string): Promise<unknown> => {
    const { method, path, headers, body } = await read<HttpFixture>(`gcp/${name}.json`);
    return (await fetch(url + path, { method, headers, body: JSON.stringify(body) })).json();
  };

  it('reach an HTTP function', async () => {
    const { url, stop } = await startFunctionsFramework({ dir: artifact.dir, target: 'web', signatureType: 'http' });
    expect(await send(url, 'http')).toMatchObject({ path: '/api/tickets', body: ticket });
    const headers = { 'x-cloudscheduler-scheduletime': '2026-11-20T06:00:00Z' };
    expect(await send(url, 'schedule')).toMatchObject({ headers });
    await stop();
  });

  it('reach a CloudEvent function, the envelope inside the message', async () => {
    const { url, stop } = await startFunctionsFramework({
      dir: artifact.dir,
      target: 'event',
      signatureType: 'cloudevent',
    });
    const message = async (name: string) => {
      const event = (await send(url, name)) as { type: string; data: { message: { data: string } } };
      expect(event.type).toBe('google.cloud.pubsub.topic.v1.messagePublished');
      return JSON.parse(Buffer.from(event.data.message.data, 'base64').toString()) as unknown;
    };
    expect(await message('queue')).toEqual(intake);
    expect(await message('event')).toEqual(requested);
    expect(await message('schedule-pubsub')).toEqual({});
    await stop();
  });
});
