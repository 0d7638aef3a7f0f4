import type { AzureLog, FunctionMetadata } from '../../infra/invoke/azure-functions-core.ts';
import type { AzureReturn, AzureTrigger } from '../../infra/invoke/azure-rpc.ts';

export * from '../../infra/invoke/azure-rpc.ts';

/** From the test to the process that holds the artifact. */
export interface WorkerRequest {
  readonly id: number;
  readonly name: string;
  readonly trigger: AzureTrigger;
}

/** From that process to the test. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly functions: Record<string, FunctionMetadata> }
  | { readonly kind: 'unready'; readonly reason: string }
  | { readonly kind: 'log'; readonly log: AzureLog }
  | ({ readonly kind: 'response'; readonly id: number } & AzureReturn)
  | { readonly kind: 'error'; readonly id: number; readonly body: { name: string; message: string; stack: string } };
