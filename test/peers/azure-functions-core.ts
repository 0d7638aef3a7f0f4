// The worker's core serves `npm run invoke` too, and nothing that ships may import a test.
export * from '../../infra/invoke/azure-functions-core.ts';
