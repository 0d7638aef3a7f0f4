import { Hono } from 'hono/quick';
import { createAuthenticator } from '../access.ts';
import { AppError, asAppError, notFound } from '../errors.ts';
import type { Deployed, RouteName } from '../function.ts';
import { type Endpoint, handleRequest } from '../pipeline/http.ts';
import { createRateLimiter } from '../pipeline/rate-limit.ts';
import type { Runtime } from '../runtime.ts';
import { startSpan } from '../trace.ts';
import { toProblem } from './problem.ts';

/** What a host knows of a request beside the request. */
export interface Client {
  /** Network address of the caller, for the rate limit of anonymous callers. */
  readonly address?: string;
  readonly remainingMs?: number;
}
export type Fetch = (request: Request, client?: Client) => Promise<Response>;

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

/** The HTTP front of some functions: a router made from their declared routes. */
export function createApp(runtime: Runtime, functions: readonly Deployed[]): Fetch {
  const app = new Hono<{ Bindings: Client }>();
  const guards = { authenticate: createAuthenticator(runtime), limit: createRateLimiter(runtime) };
  const methods = new Map<string, string[]>();
  for (const endpoint of endpointsOf(functions)) {
    const [method = '', path = ''] = endpoint.name.split(' ');
    const pattern = toPattern(path);
    methods.set(pattern, [...(methods.get(pattern) ?? []), method]);
    app.on(method, pattern, (c) => handleRequest(runtime, guards, endpoint, c.req.raw, c.req.param(), c.env));
  }
  for (const [pattern, allowed] of methods)
    app.all(pattern, (c) => {
      const allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
      const error = new AppError(
        'method_not_allowed',
        `${c.req.method} is not answered here; ${allow.join(', ')} ${allow.length === 1 ? 'is' : 'are'}`,
        { status: 405, details: { allow: allow.join(', ') } },
      );
      return toProblem(error, startSpan(undefined).traceId);
    });
  app.notFound((c) => toProblem(notFound(`${c.req.method} ${c.req.path.slice(0, 200)}`), startSpan(undefined).traceId));
  app.onError((thrown) => {
    const error = asAppError(thrown);
    runtime.log.error(error.message, { error });
    return toProblem(error, startSpan(undefined).traceId);
  });
  return async (request, client = {}) => app.fetch(request, client);
}

/** `/api/tickets/{id}` as Hono writes it. */
export const toPattern = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');
