import description from '../../infra/generated/openapi.json' with { type: 'json' };
import type { Handlers } from '../../shared/function.ts';
import type { dashboard } from './function.ts';
import { statusPage } from './page.ts';

export const handlers: Handlers<typeof dashboard> = {
  http: { 'GET /': async () => statusPage(description) },
};
