import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AzureApp, startAzure } from './azure.ts';
import { type Artifact, AZURE, FRAMEWORK, LAMBDA, makeArtifact } from './fixtures.ts';
import { startFunctionsFramework } from './gcp.ts';
import { startLambda } from './lambda.ts';
import { installRic } from './ric/install.ts';

// The harnesses themselves: a broken one must not pass for a working artifact.
describe('Lambda', () => {
  let artifact: Artifact;
  beforeAll(async () => {
    artifact = await makeArtifact(LAMBDA);
    await installRic();
  }, 600_000);
  afterAll(() => artifact.remove());

  it.for(['native', 'http'] as const)('answers through the %s client, event by event', async (client, test) => {
    test.skip(client === 'native' && (await installRic()).client === 'http', 'it could not be built here');
    const lambda = await startLambda({ dir: artifact.dir, handler: 'index.handler', client });
    const expected = (n: number) => ({
      kind: 'response',
      body: { event: { n, text: 'für' }, name: 'trifold-test', remainsMs: true, byMiddy: true },
    });
    const outcomes = await Promise.all([1, 2].map((n) => lambda.invoke({ n, text: 'für' })));
    await lambda.stop();
    expect(outcomes).toEqual([expected(1), expected(2)]);
    expect(lambda.log()).toMatch(/INFO\s+handling/);
    expect(lambda.readyMs).toBeGreaterThan(0);
  });

  it.each([
    ['an error', 'throwing', 'error', { errorType: 'RangeError', errorMessage: 'too far' }],
    ['a time-out', 'hanging', 'timeout', { errorMessage: 'Error: Task timed out after 0.20 seconds' }],
    ['the end of the process', 'exiting', 'crash', { errorMessage: 'Error: Runtime exited with error: exit status 7' }],
    ['an answer over 6 MB', 'huge', 'error', { errorType: 'Function.ResponseSizeTooLarge' }],
  ])('reports %s, and takes the next event', async (_what, name, kind, body) => {
    const lambda = await startLambda({ dir: artifact.dir, handler: `index.${name}` });
    const invoke = () => lambda.invoke({}, { timeoutMs: name === 'hanging' ? 200 : 3000 });
    const outcomes = [await invoke(), await invoke()];
    await lambda.stop();
    expect(outcomes).toMatchObject([
      { kind, body },
      { kind, body },
    ]);
  });

  it('refuses an artifact that does not load, with what the runtime reports', async () => {
    const start = (handler: string) => startLambda({ dir: artifact.dir, handler });
    await expect(start('index.missing')).rejects.toThrow('Runtime.HandlerNotFound');
    await expect(start('nowhere.handler')).rejects.toThrow('Runtime.ImportModuleError');
    await expect(start('index.callback')).rejects.toThrow('Runtime.CallbackHandlerDeprecated');
  });

  it('gives the artifact the environment of Lambda and nothing of ours', async () => {
    const lambda = await startLambda({ dir: artifact.dir, handler: 'index.environment', env: { TABLE: 'desk' } });
    const { body } = await lambda.invoke({});
    await lambda.stop();
    expect(body).toMatchObject({ TABLE: 'desk', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' });
    expect(body).not.toHaveProperty('VITEST');
  });
});

describe('functions-framework', () => {
  let artifact: Artifact;
  beforeAll(async () => {
    artifact = await makeArtifact(FRAMEWORK);
  });
  afterAll(() => artifact.remove());
  const start = (target: string, signatureType: 'http' | 'cloudevent') =>
    startFunctionsFramework({ dir: artifact.dir, target, signatureType });
  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('serves an HTTP function in production mode, on the loopback interface', async () => {
    const { url, stop, exited } = await start('web', 'http');
    const response = await post(`${url}/a/b`, { n: 1 });
    expect([response.status, await response.json()]).toEqual([
      201,
      { method: 'POST', path: '/a/b', body: { n: 1 }, env: 'production' },
    ]);
    expect((await post(`${url}/throw`, {})).status).toBe(500);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    await post(`${url}/exit`, {}).catch(() => undefined);
    expect(await exited).toBe('exit status 5');
    await stop();
  });

  it('gives a CloudEvent function its event: 204 when it returns, 500 when it throws', async () => {
    const { url, stop, log } = await start('event', 'cloudevent');
    const headers = (type: string) => ({ 'ce-specversion': '1.0', 'ce-id': 'e1', 'ce-source': '//s', 'ce-type': type });
    expect((await post(url, { n: 1 }, headers('good.v1'))).status).toBe(204);
    expect((await post(url, { n: 1 }, headers('bad.v1'))).status).toBe(500);
    await stop();
    expect(log()).toContain('{"specversion":"1.0","id":"e1","source":"//s","type":"good.v1","data":{"n":1}}');
  });

  it('refuses an artifact without that function, with what the framework wrote', async () => {
    await expect(start('missing', 'http')).rejects.toThrow("Function 'missing' is not defined");
    await expect(start('notAFunction', 'http')).rejects.toThrow("'notAFunction' needs to be of type function");
  });
});

describe('Azure Functions', () => {
  let artifact: Artifact;
  let azure: AzureApp;
  beforeAll(async () => {
    artifact = await makeArtifact(AZURE);
    azure = await startAzure({ dir: artifact.dir, env: { BUS: 'Endpoint=sb://127.0.0.1' } });
  });
  afterAll(async () => {
    await azure.stop();
    await artifact.remove();
  });

  it('lists what the artifact registered, with its triggers', () => {
    const triggers = Object.values(azure.functions).map(({ name, bindings }) => [
      name,
      ...Object.values(bindings).map((b) => b.type),
    ]);
    expect(triggers).toEqual([
      ['web', 'httpTrigger', 'http'],
      ['queue', 'serviceBusTrigger', 'serviceBus'],
      ['event', 'eventGridTrigger'],
      ['timer', 'timerTrigger'],
    ]);
    expect(Object.values(azure.functions['timer']?.bindings ?? {})).toMatchObject([{ schedule: '0 0 6 * * *' }]);
    expect(azure.log()).toContain('app started');
  });

  it('invokes an HTTP function, and keeps its logs', async () => {
    const http = {
      method: 'POST',
      url: 'https://trifold.test/api/tickets/t1?q=1',
      params: { id: 't1' },
      body: '{"n":"für"}',
    };
    const outcome = await azure.invoke('web', { http });
    expect(outcome).toMatchObject({
      kind: 'response',
      body: {
        status: 202,
        headers: { 'x-a': 'b', 'content-type': 'application/json' },
        cookies: [{ name: 'c', value: 'd' }],
      },
    });
    // An HTTP function answers with text.
    expect(JSON.parse((outcome.body as { text: string }).text)).toEqual({
      url: http.url,
      query: '1',
      id: 't1',
      got: { n: 'für' },
    });
    const user = azure.logs.filter(({ category }) => category === 'user');
    expect(user).toMatchObject([{ message: 'before' }, { message: 'web t1', level: 'information' }]);
  });

  it('invokes a queue function with its metadata, and returns its outputs', async () => {
    const metadata = { MessageId: 'm1', DeliveryCount: 2, ApplicationProperties: { Traceparent: '00' } };
    const { outputs, ...outcome } = { outputs: {}, ...(await azure.invoke('queue', { data: { n: 1 }, metadata })) };
    const triggerMetadata = { messageId: 'm1', deliveryCount: 2, applicationProperties: { traceparent: '00' } };
    expect(outcome).toEqual({ kind: 'response', body: { message: { n: 1 }, metadata: triggerMetadata } });
    expect(Object.values(outputs)).toEqual([{ forwarded: { n: 1 } }]);
  });

  it('invokes an event function and a timer', async () => {
    expect(await azure.invoke('event', { data: { specversion: '1.0', type: 'a.v1' } })).toMatchObject({ body: 'a.v1' });
    const data = { IsPastDue: false, Schedule: { AdjustForDST: true } };
    expect(await azure.invoke('timer', { data })).toMatchObject({
      body: { isPastDue: false, schedule: { adjustForDST: true } },
    });
  });

  it.each([
    ['an error', 'throw', { kind: 'error', body: { name: 'TypeError', message: 'no' } }],
    ['the end of the process', 'exit', { kind: 'crash', body: 'exit status 9' }],
    ['a time-out', 'hang', { kind: 'timeout', body: 'no answer within 300 ms' }],
    ['a thrown undefined as success, as the worker does', 'undefined', { kind: 'response' }],
  ])('reports %s, and takes the next message', async (_what, data, expected) => {
    expect(await azure.invoke('queue', { data, timeoutMs: 300 })).toMatchObject(expected);
    expect(await azure.invoke('queue', { data: 'next' })).toMatchObject({ body: { message: 'next' } });
  });

  it('refuses an artifact that does not load, that registers nothing, or one name twice', async () => {
    const start = async (code: string) => {
      const broken = await makeArtifact(code);
      await startAzure({ dir: broken.dir }).finally(broken.remove);
    };
    const twice = `app.timer('a', { schedule: '0 * * * * *', handler: () => {} });`.repeat(2);
    await expect(start('throw new Error("at load")')).rejects.toThrow('at load');
    await expect(start('export {}')).rejects.toThrow('registered no function');
    await expect(start(`import { app } from '@azure/functions'; ${twice}`)).rejects.toThrow(
      'two functions have the name a',
    );
  });
});
