import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A tiny artifact in a temporary folder, bundled as the real ones are. */
export interface Artifact {
  readonly dir: string;
  remove(): Promise<void>;
}

/** `require` for the CommonJS packages inside an ES module bundle. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles `source` to `index.js` beside a package.json that calls it an ES module. */
export async function makeArtifact(source: string): Promise<Artifact> {
  const dir = await mkdtemp(join(tmpdir(), 'trifold-artifact-'));
  await build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    outfile: join(dir, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: REQUIRE },
    external: ['@azure/functions-core'],
    logLevel: 'error',
  });
  await writeFile(join(dir, 'package.json'), JSON.stringify({ type: 'module', main: 'index.js' }));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Lambda handlers: one that answers, and every way not to. */
export const LAMBDA = `
  import middy from '@middy/core';
  export const handler = middy(async (event, context) => {
    console.log('handling', context.awsRequestId);
    return { event, name: context.functionName, remainsMs: context.getRemainingTimeInMillis() > 0 };
  }).after((request) => { request.response.byMiddy = true; });
  export const throwing = async () => { throw new RangeError('too far'); };
  export const hanging = () => new Promise((resolve) => setTimeout(resolve, 60_000));
  export const exiting = async () => process.exit(7);
  export const huge = async () => 'x'.repeat(7_000_000);
  export const environment = async () => process.env;
  export const callback = (event, context, done) => done(null, 1);
`;

/** An HTTP function, a CloudEvent function, and something that is none. */
export const FRAMEWORK = `
  export const web = (request, response) => {
    if (request.path === '/throw') throw new Error('no');
    if (request.path === '/exit') process.exit(5);
    response.status(201).json({ method: request.method, path: request.path, body: request.body, env: process.env.NODE_ENV });
  };
  export const event = async (cloudEvent) => {
    console.log(JSON.stringify(cloudEvent));
    if (cloudEvent.type === 'bad.v1') throw new Error('again');
  };
  export const notAFunction = 1;
`;

/** One function for each trigger that we use. */
export const AZURE = `
  import { app, output } from '@azure/functions';
  const out = output.serviceBusQueue({ connection: 'BUS', queueName: 'out' });
  app.hook.appStart(() => console.log('app started'));
  app.hook.preInvocation((hook) => { hook.invocationContext.log('before'); });
  app.http('web', { route: 'tickets/{id?}', methods: ['POST'], handler: async (request, context) => {
    context.log('web', request.params.id);
    const body = { url: request.url, query: request.query.get('q'), id: request.params.id, got: await request.json() };
    return { status: 202, jsonBody: body, headers: { 'x-a': 'b' }, cookies: [{ name: 'c', value: 'd' }] };
  } });
  app.serviceBusQueue('queue', { connection: 'BUS', queueName: 'in', extraOutputs: [out], handler: async (message, context) => {
    if (message === 'throw') throw new TypeError('no');
    if (message === 'undefined') throw undefined;
    if (message === 'exit') process.exit(9);
    if (message === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
    context.extraOutputs.set(out, { forwarded: message });
    return { message, metadata: context.triggerMetadata };
  } });
  app.eventGrid('event', { handler: async (event) => event.type });
  app.timer('timer', { schedule: '0 0 6 * * *', handler: async (timer) => timer });
`;
