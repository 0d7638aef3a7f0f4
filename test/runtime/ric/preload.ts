/** Loaded before `aws-lambda-ric` where its native client could not be built: gives it ours. */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

// A path, since the runtime asks with require.
const client = fileURLToPath(new URL('rapid-client.ts', import.meta.url));

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === './rapid-client.node' ? nextResolve(client, context) : nextResolve(specifier, context),
});
