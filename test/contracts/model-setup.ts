import type { ModelSettings, ProviderSettings } from '../../shared/models/routing/configuration.ts';
import type { Provider } from '../../shared/models/routing/provider.ts';
import { openProvider } from '../../shared/models/routing/providers.ts';
import type { ModelsPeer } from '../peers/models/server.ts';

export const VENDORS = ['bedrock', 'azure-openai', 'vertex'] as const;
export type Vendor = (typeof VENDORS)[number];

/** A model of the vendor, as the configuration would describe it. */
export function modelOf(vendor: Vendor, changes: Partial<ModelSettings> = {}): ModelSettings {
  const id = { bedrock: 'eu.anthropic.claude-haiku-4-5', 'azure-openai': 'gpt-5-mini', vertex: 'gemini-2.5-flash' }[
    vendor
  ];
  return {
    name: vendor,
    key: `${vendor}/here/${changes.id ?? id}`,
    vendor,
    provider: vendor,
    id,
    structured: 'native',
    price: { input: '1', cached: '0.1', output: '5' },
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    timeoutMs: 5_000,
    thinkingTokens: 0,
    dimensions: undefined,
    extra: {},
    ...changes,
  };
}

export const embedderOf = (vendor: Vendor): ModelSettings =>
  modelOf(vendor, {
    id: {
      bedrock: 'amazon.titan-embed-text-v2:0',
      'azure-openai': 'text-embedding-3-small',
      vertex: 'gemini-embedding-001',
    }[vendor],
    dimensions: 256,
  });

/** The vendor's provider in front of the peer. */
export function settingsOf(vendor: Vendor, url: string): ProviderSettings {
  if (vendor === 'bedrock') return { kind: 'bedrock', region: 'eu-central-1', endpoint: url };
  if (vendor === 'azure-openai') return { kind: 'azure-openai', endpoint: url };
  return { kind: 'vertex', project: 'desk', location: 'europe-west4', endpoint: url };
}

export const openVendor = (vendor: Vendor, peer: ModelsPeer): Promise<Provider> =>
  openProvider(settingsOf(vendor, peer.url), peer.env);
