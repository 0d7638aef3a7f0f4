import type { Environment } from '../../settings.ts';
import type { ProviderSettings } from './configuration.ts';
import type { Provider } from './provider.ts';

/** Loads a vendor's adapter, and with it whatever library it stands on, at its first use. */
export async function openProvider(settings: ProviderSettings, env: Environment): Promise<Provider> {
  switch (settings.kind) {
    case 'bedrock':
      return (await import('../bedrock/provider.ts')).openBedrock(settings, env);
    case 'azure-openai':
      return (await import('../azure-openai/provider.ts')).openAzureOpenAi(settings, env);
    case 'vertex':
      return (await import('../vertex/provider.ts')).openVertex(settings, env);
  }
}
