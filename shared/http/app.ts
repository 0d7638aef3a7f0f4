import { LinearRouter } from 'hono/router/linear-router';
import { createAuthenticator } from '../access.ts';
import { AppError, notFound } from '../errors.ts';
import type { Deployed, RouteName } from '../function.ts';
import { type Endpoint, handleRequest } from '../pipeline/http.ts';
import { createRateLimiter } from '../pipeline/rate-limit.ts';
import type { Runtime } from '../runtime.ts';
import { startSpan } from '../trace.ts';
import type { Answer, Incoming } from './exchange.ts';
import { toProblem } from './problem.ts';

/** What a host knows of a request beside the request. */
export interface Client {
  /** Network address of the caller, for the rate limit of anonymous callers. */
  readonly address?: string;
  readonly remainingMs?: number;
}
export type Fetch = (request: Incoming, client?: Client) => Promise<Answer>;

/** Every route of the functions given, the more particular before the more general. */
export function endpointsOf(functions: readonly Deployed[]): Endpoint[] {
  return functions
    .flatMap((deployed) =>
      Object.entries(deployed.declaration.on).flatMap(([trigger, declared]) => {
        if (declared.kind !== 'http') return [];
        // Handlers are typed by the declaration that these routes are read from.
        const handlers = deployed.handlers[trigger] as Record<string, Endpoint['handler']>;
        return Object.entries(declared.routes).map(([name, route]) => {
          const handler = handlers[name];
          if (!handler) throw new AppError('internal', `${deployed.declaration.name} has no handler for ${name}`);
          return { deployed, trigger, name: name as RouteName, route, handler }; // keys of Routes are route names
        });
      }),
    )
    .sort((a, b) => (particular(a.name) < particular(b.name) ? -1 : 1));
}

/** Sorts fixed segments before parameters, so that the more particular route answers, as gateways have it. */
const particular = (name: string): string => name.replace(/\{\w+\}/g, '\u{10ffff}');

type Params = Record<string, string>;
/** An endpoint, or the methods of a path that is asked by another one. */
type Target = { readonly endpoint: Endpoint } | { readonly allow: readonly string[] };

/** The HTTP front of some functions: a router made from their declared routes. */
export function createApp(runtime: Runtime, functions: readonly Deployed[]): Fetch {
  const guards = { authenticate: createAuthenticator(runtime), limit: createRateLimiter(runtime) };
  const router = createRouter(endpointsOf(functions));
  return async (request, client = {}) => {
    const { pathname } = new URL(request.url);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    // What fits first is the most particular: an endpoint, or the methods of its path.
    const [found] = router.match(method, pathname)[0] as [Target, Params][]; // the linear router keeps parameters by name
    const params = found && decoded(found[1]);
    if (!found || !params) return problem(notFound(`${request.method} ${pathname.slice(0, 200)}`));
    const [target] = found;
    if ('allow' in target) return problem(notAllowed(request.method, target.allow));
    const answer = await handleRequest(runtime, guards, target.endpoint, request, params, client);
    return request.method === 'HEAD' ? { ...answer, body: '' } : answer;
  };
}

function createRouter(endpoints: readonly Endpoint[]): LinearRouter<Target> {
  const router = new LinearRouter<Target>();
  const methods = new Map<string, string[]>();
  for (const endpoint of endpoints) {
    const [method = '', path = ''] = endpoint.name.split(' ');
    const pattern = path.replace(/\{(\w+)\}/g, ':$1');
    methods.set(pattern, [...(methods.get(pattern) ?? []), method]);
    router.add(method, pattern, { endpoint });
  }
  for (const [pattern, allowed] of methods)
    router.add('ALL', pattern, { allow: allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed });
  return router;
}

/** Path parameters as they were meant; `undefined` when one is no valid encoding, which then names nothing. */
function decoded(params: Params): Params | undefined {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return undefined;
  }
}

const problem = (error: AppError): Answer => toProblem(error, startSpan(undefined).traceId);

const notAllowed = (method: string, allow: readonly string[]): AppError =>
  new AppError(
    'method_not_allowed',
    `${method} is not answered here; ${allow.join(', ')} ${allow.length === 1 ? 'is' : 'are'}`,
    { status: 405, details: { allow: allow.join(', ') } },
  );
