import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Emulator, missing, sdkRoot, startJava } from './firestore.ts';

const FOLDER = 'platform/pubsub-emulator/lib';

/** Google's own Pub/Sub emulator on a free port, without topics. Throws an error that names what is missing. */
export async function startPubsub(): Promise<Emulator> {
  const folder = join(await sdkRoot('the Pub/Sub emulator'), FOLDER);
  const jar =
    existsSync(folder) && readdirSync(folder).find((name) => /^cloud-pubsub-emulator-.*-all\.jar$/.test(name));
  if (!jar) throw new Error(`the Pub/Sub emulator is missing: no jar in ${FOLDER} below gcloud's SDK root`);
  return startJava('the Pub/Sub emulator', (port) => [
    ...['-Xmx512m', '-jar', join(folder, jar), '--host=127.0.0.1', `--port=${port}`],
  ]);
}

export const pubsubMissing = (): Promise<string | undefined> => missing('the Pub/Sub emulator', FOLDER);
