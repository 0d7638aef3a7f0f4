import { anyText, some, url, type Variables } from '../../settings.ts';

const key = (name: string, of: string) =>
  ({
    name,
    about: `${of}; for development, the app's own identity otherwise`,
    fallback: '',
    expected: 'any text',
    read: anyText,
  }) as const;

/** What the Azure adapters read; Terraform sets all but the keys. */
export const AZURE = {
  cosmosEndpoint: {
    name: 'TRIFOLD_COSMOS_ENDPOINT',
    about: 'Cosmos DB account',
    expected: 'https://<account>.documents.azure.com',
    read: url,
  },
  cosmosDatabase: {
    name: 'TRIFOLD_COSMOS_DATABASE',
    about: 'Its database',
    fallback: 'trifold',
    expected: 'its name',
    read: some,
  },
  cosmosContainer: {
    name: 'TRIFOLD_COSMOS_CONTAINER',
    about: 'Its container',
    fallback: 'desk',
    expected: 'its name',
    read: some,
  },
  cosmosKey: key('TRIFOLD_COSMOS_KEY', 'Account key of Cosmos DB'),
  serviceBusEndpoint: {
    name: 'TRIFOLD_SERVICE_BUS_ENDPOINT',
    about: 'Service Bus namespace',
    expected: 'https://<namespace>.servicebus.windows.net',
    read: url,
  },
  serviceBusKey: {
    name: 'TRIFOLD_SERVICE_BUS_KEY',
    about: "Shared access policy; for development, the app's own identity otherwise",
    fallback: '',
    expected: '<policy>:<key>',
    read: (text: string) => (text === '' || /^[^:]+:.+$/.test(text) ? text : undefined),
  },
  eventGridEndpoint: {
    name: 'TRIFOLD_EVENT_GRID_ENDPOINT',
    about: 'Event Grid custom topic',
    expected: 'https://<topic>.<region>.eventgrid.azure.net/api/events',
    read: url,
  },
  eventGridKey: key('TRIFOLD_EVENT_GRID_KEY', 'Key of the topic'),
  blobEndpoint: {
    name: 'TRIFOLD_BLOB_ENDPOINT',
    about: 'Storage account',
    expected: 'https://<account>.blob.core.windows.net',
    read: url,
  },
  blobContainer: {
    name: 'TRIFOLD_BLOB_CONTAINER',
    about: 'Its container',
    fallback: 'trifold',
    expected: 'its name',
    read: some,
  },
  blobKey: key('TRIFOLD_BLOB_KEY', 'Account key of the storage account'),
  vaultEndpoint: {
    name: 'TRIFOLD_VAULT_ENDPOINT',
    about: 'Key Vault',
    fallback: '',
    expected: 'https://<vault>.vault.azure.net',
    read: anyText,
  },
} as const satisfies Variables;
