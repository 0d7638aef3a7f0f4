import * as z from 'zod/mini';
import { defineFunction, http } from '../../shared/function.ts';

export const dashboard = defineFunction({
  name: 'dashboard',
  purpose: 'The page',
  on: {
    http: http({
      'GET /': { role: 'public', summary: 'Status page', output: z.string(), produces: 'text/html; charset=utf-8' },
    }),
  },
  limits: { memoryMb: 256, timeoutSeconds: 10, concurrency: 10 },
});
