import { openServices } from './gcp.ts';
import { endToEnd } from './suite.ts';

await endToEnd('functions-framework with the Firestore and Pub/Sub emulators', 'gcp', openServices);
