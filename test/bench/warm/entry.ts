import type { Context } from 'aws-lambda';
import { orchestrator } from '../../../functions/orchestrator/function.ts';
import { handlers } from '../../../functions/orchestrator/handlers.ts';
import { accessPartition, createKey } from '../../../shared/access.ts';
import { lambdaHandlers } from '../../../shared/clouds/aws/host.ts';
import { openMetrics } from '../../../shared/clouds/local/metrics.ts';
import { createLogger } from '../../../shared/clouds/logger.ts';
import { createRuntime } from '../../../shared/compose.ts';
import { newId } from '../../../shared/domain/ids.ts';
import type { TicketRequest } from '../../../shared/domain/ticket.ts';
import type { ContextOf } from '../../../shared/function.ts';
import { openOfflineModel } from '../../../shared/models/offline/answers.ts';
import { openConfiguredNotifier } from '../../../shared/notifiers/configured.ts';
import { systemClock } from '../../../shared/ports/clock.ts';
import type { Item, Version } from '../../../shared/ports/store.ts';
import type { Runtime } from '../../../shared/runtime.ts';
import { COMMON, readVariables } from '../../../shared/settings.ts';
import { openStillStore } from './still-store.ts';

/** One kind of work, through host and pipeline, and by its handler alone. */
export interface Work {
  hosted(request: TicketRequest): Promise<unknown>;
  bare(request: TicketRequest): Promise<unknown>;
}

type Ctx = ContextOf<typeof orchestrator>;
type Invoke = (event: unknown, context: Context) => Promise<unknown>;

/** The AWS host around the orchestrator on a store that takes no time; bundled as the real artifacts are. */
export function openWork(gatewayEvent: Record<string, unknown>, record: Record<string, unknown>): Record<string, Work> {
  const { key, item } = keyItem();
  const runtime = openRuntime(item);
  const { http, intake } = lambdaHandlers(runtime, { declaration: orchestrator, handlers }) as Record<string, Invoke>; // one a trigger
  if (!http || !intake) throw new Error('The orchestrator has lost a trigger');
  const context = { getRemainingTimeInMillis: () => 30_000, awsRequestId: 'bench', functionName: 'bench' } as Context; // what our host reads of it
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    'POST /api/tickets': {
      hosted: (request) => http({ ...gatewayEvent, headers, body: JSON.stringify(request) }, context),
      bare: (body) => handlers.http['POST /api/tickets']({ body, params: {}, query: undefined }, bareContext(runtime)),
    },
    intake: {
      hosted: (request) => intake({ Records: [{ ...record, body: JSON.stringify(enveloped(request)) }] }, context),
      bare: (request) => {
        const { id, type, source } = enveloped(request);
        const info = { id, type, subject: undefined, time: Date.now(), attempt: 1 };
        return handlers.intake(request, { ...bareContext(runtime), principal: { ...SERVICE, id: source } }, info);
      },
    },
  };
}

const SERVICE = { kind: 'service', id: 'bench', workspace: 'main' } as const;

const enveloped = (data: TicketRequest) => ({
  specversion: '1.0',
  id: newId('msg', Date.now()),
  source: 'trifold/bench',
  type: 'trifold.intake.v1',
  data,
});

/** What the handler needs of a context, and nothing around it. */
const bareContext = ({ clock, store }: Runtime) =>
  ({
    workspace: 'main',
    principal: SERVICE,
    clock,
    id: newId('tkt', clock.now()),
    commit: async (partition, { writes = [], answer }) => {
      await store.commit(partition, writes, 'bench');
      return answer;
    },
  }) as Pick<Ctx, 'workspace' | 'principal' | 'clock' | 'id' | 'commit'> as Ctx; // the two handlers read no more

function keyItem(): { key: string; item: Item } {
  const { id, key, write } = createKey('main', 'operator', Date.now());
  if (write.kind !== 'put') throw new Error('A key is put');
  const partition = `main/${accessPartition(id)}`;
  return { key, item: { partition, key: write.key, value: write.value, version: '1' as Version, commitId: 'bench' } }; // never compared
}

function openRuntime(item: Item): Runtime {
  const nothing = async () => {};
  const settings = readVariables({}, COMMON);
  return createRuntime(
    {
      cloud: 'aws',
      env: {},
      settings,
      store: openStillStore([item]),
      queue: { send: nothing },
      bus: { publish: nothing },
      objects: () => {
        throw new Error('Nothing here is large');
      },
      clock: systemClock,
      metrics: openMetrics({}),
      log: createLogger({ service: 'bench', cloud: 'aws', level: 'info' }),
    },
    { model: openOfflineModel, notifier: openConfiguredNotifier },
  );
}
