import type { Declaration } from '../shared/function.ts';
import { deriveAws } from './derive/aws.ts';
import { deriveAzure } from './derive/azure.ts';
import { checkDeclarations } from './derive/check.ts';
import { deriveGcp } from './derive/gcp.ts';
import { deriveOpenApi } from './derive/openapi.ts';

/**
 * Declarations in, manifests out: what each cloud has to be told so that a declared trigger starts its function with the
 * permissions that the declaration asks for. Pure. Throws one error that names every fault of the declarations.
 */
export function derive(declarations: readonly Declaration[], version: string): Readonly<Record<string, unknown>> {
  checkDeclarations(declarations);
  return {
    'aws.json': deriveAws(declarations),
    'azure.json': deriveAzure(declarations),
    'gcp.json': deriveGcp(declarations),
    'openapi.json': deriveOpenApi(declarations, version),
  };
}
