import { randomBytes } from 'node:crypto';
import { freePort, startInstalled } from '../emulators/azurite.ts';

export interface CosmosReference {
  readonly endpoint: string;
  /** Made for this run: the server looks at no signature. */
  readonly key: string;
  stop(): Promise<void>;
}

/**
 * A public test server of somebody else's making (https://github.com/vercel/cosmosdb-server), against which our peer is
 * compared where that server is right: point operations, etags and queries. Its batches are not atomic.
 */
export async function startCosmosReference(): Promise<CosmosReference> {
  const port = await freePort();
  const stop = await startInstalled('cosmosdb-server', ['-p', String(port), '--host', '127.0.0.1', '--no-ssl'], port);
  return { endpoint: `http://127.0.0.1:${port}`, key: randomBytes(64).toString('base64'), stop };
}
