/** The process that holds an Azure Functions artifact: `node azure-worker.ts <folder>`, with an IPC channel. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideFunctionsCore } from '../peers/azure-functions-core.ts';
import { fromRpcResponse, toRpcMetadata, toRpcTrigger, type WorkerMessage, type WorkerRequest } from './azure-rpc.ts';

const send = (message: WorkerMessage) => process.send?.(message);
const core = provideFunctionsCore((log) => send({ kind: 'log', log }));

/** Loads what the package's `main`, a glob, names; the worker logs a failure and goes on without functions. */
async function loadApp(folder: string): Promise<void> {
  const { main } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { main?: string }; // npm's format
  if (!main) throw new Error('package.json has no main');
  const files = await Array.fromAsync(glob(main, { cwd: folder }));
  if (files.length === 0) throw new Error(`Found zero files matching the supplied pattern "${main}"`);
  for (const file of files.sort()) await import(pathToFileURL(join(folder, file)).href);
  await core.start(folder);
  if (core.functions.size === 0) throw new Error(`"${main}" registered no function`);
}

async function invoke({ id, name, trigger }: WorkerRequest): Promise<WorkerMessage> {
  try {
    const response = await core.invoke(name, toRpcTrigger(trigger), toRpcMetadata(trigger));
    return { kind: 'response', id, ...fromRpcResponse(response) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { kind: 'error', id, body: { name: error.name, message: error.message, stack: error.stack ?? '' } };
  }
}

process.on('message', (request: WorkerRequest) => void invoke(request).then(send));
// Ends with the tests, even if they are killed.
process.once('disconnect', () => process.exit());

try {
  await loadApp(process.argv[2] ?? '.');
  send({ kind: 'ready', functions: Object.fromEntries(core.functions) });
} catch (error) {
  send({ kind: 'unready', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
