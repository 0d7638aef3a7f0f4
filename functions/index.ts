import { account } from './account/function.ts';
import { billing } from './billing/function.ts';
import { costReport } from './cost-report/function.ts';
import { dashboard } from './dashboard/function.ts';
import { discovery } from './discovery/function.ts';
import { operations } from './operations/function.ts';
import { orchestrator } from './orchestrator/function.ts';
import { sentiment } from './sentiment/function.ts';
import { technical } from './technical/function.ts';

/** The list of functions, and the only registry: a function's folder has its name, with `function.ts` and `handlers.ts`. */
export const functions = [
  orchestrator,
  billing,
  technical,
  account,
  sentiment,
  discovery,
  costReport,
  operations,
  dashboard,
] as const;
