import { openServices } from './azure.ts';
import { endToEnd } from './suite.ts';

await endToEnd('Azure Functions with Cosmos DB, Service Bus and Event Grid (peers), Azurite', 'azure', openServices);
