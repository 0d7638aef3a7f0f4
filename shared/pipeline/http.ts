import type { Authenticate } from '../access.ts';
import { digest, idFrom, newId } from '../domain/ids.ts';
import { AppError, badRequest } from '../errors.ts';
import type { Deployed, Route, RouteName } from '../function.ts';
import { readJson } from '../http/body.ts';
import type { Answer, Incoming } from '../http/exchange.ts';
import { toProblem } from '../http/problem.ts';
import type { Json } from '../ports/store.ts';
import { mayAct, type Principal } from '../principal.ts';
import type { Runtime } from '../runtime.ts';
import { parseInput } from '../schema.ts';
import { fromTraceparent, startSpan } from '../trace.ts';
import { AlreadyDone, type Unit } from './commit.ts';
import { type Answered, answeredKey, IDEMPOTENCY_KEY, release, replay, reserve } from './idempotency.ts';
import { type AnyContext, invoke, logFailure } from './invocation.ts';
import type { RateLimiter } from './rate-limit.ts';

type RouteHandler = (
  request: { params: Record<string, string>; body: unknown; query: unknown },
  context: AnyContext,
) => Promise<unknown>;

/** One route with everything that answers it. */
export interface Endpoint {
  readonly deployed: Deployed;
  readonly trigger: string;
  readonly name: RouteName;
  readonly route: Route;
  readonly handler: RouteHandler;
}

export interface Guards {
  readonly authenticate: Authenticate;
  readonly limit: RateLimiter;
}

/**
 * Answers one request: principal and role, rate limit, schemas, idempotency, handler, answer. Never throws; errors are
 * problem documents.
 */
export async function handleRequest(
  runtime: Runtime,
  guards: Guards,
  endpoint: Endpoint,
  request: Incoming,
  params: Record<string, string>,
  client: { address?: string; remainingMs?: number },
): Promise<Answer> {
  const parent = startSpan(fromTraceparent(request.headers.get('traceparent')));
  let principal: Principal | undefined;
  try {
    principal = await guards.authenticate(request.headers.get('authorization'));
    if (!mayAct(principal, endpoint.route.role)) throw refusal(principal, endpoint.route);
    await guards.limit(principal.kind === 'anonymous' ? `anonymous/${client.address ?? 'unknown'}` : principal.id);
    const { route } = endpoint;
    const query = route.query ? parseInput(route.query, queryOf(request), 'query') : undefined;
    const raw = route.input ? await readJson(request) : undefined;
    const body = route.input ? parseInput(route.input, raw, 'body') : undefined;
    const value = await answer(
      runtime,
      endpoint,
      principal,
      request,
      params,
      { query, body, raw },
      parent,
      client.remainingMs,
    );
    return toAnswer(route, value);
  } catch (thrown) {
    const error = logFailure(
      runtime,
      { deployed: endpoint.deployed, trigger: endpoint.trigger, workspace: principal?.workspace ?? '' },
      thrown,
    );
    return toProblem(error, parent.traceId);
  }
}

async function answer(
  runtime: Runtime,
  endpoint: Endpoint,
  principal: Principal,
  request: Incoming,
  params: Record<string, string>,
  input: { query: unknown; body: unknown; raw: unknown },
  parent: ReturnType<typeof startSpan>,
  remainingMs: number | undefined,
): Promise<unknown> {
  const { route, deployed, trigger } = endpoint;
  // Public routes that belong to a workspace are those of the app's own one.
  const workspace = principal.workspace || runtime.settings.workspace;
  const target =
    route.writes === undefined
      ? undefined
      : await targetOf(runtime, endpoint, route.writes, principal, workspace, request, params, input.raw);
  if (target?.first) return target.first.answer;
  const run = (context: AnyContext) => endpoint.handler({ params, body: input.body, query: input.query }, context);
  try {
    const { value } = await invoke(
      runtime,
      {
        deployed,
        trigger,
        principal,
        workspace,
        parent,
        ...(target ? { unit: target.unit, id: target.id } : {}),
        ...(remainingMs === undefined ? {} : { remainingMs }),
      },
      run,
    );
    return value;
  } catch (error) {
    if (error instanceof AlreadyDone && target?.body !== undefined)
      return replay(error.receipt as unknown as Answered, target.body).answer; // written below
    if (target?.key) await release(runtime, `${workspace}/${target.unit.partition}`, target.key);
    throw error;
  }
}

interface Target {
  readonly unit: Pick<Unit, 'receipt'> & { partition: string };
  readonly id: string;
  readonly key?: string;
  readonly body?: string;
  readonly first?: { answer: Json };
}

/** The partition that a route changes, with its idempotency key reserved when the caller gave one. */
async function targetOf(
  runtime: Runtime,
  { route, name, deployed }: Endpoint,
  template: string,
  principal: Principal,
  workspace: string,
  request: Incoming,
  params: Record<string, string>,
  raw: unknown,
): Promise<Target> {
  const given = request.headers.get('idempotency-key');
  if (given !== null && !IDEMPOTENCY_KEY.test(given))
    throw badRequest('Idempotency-Key must be 1 to 200 visible ASCII characters');
  const prefix = route.creates ?? 'id';
  const id =
    given === null ? newId(prefix, runtime.clock.now()) : idFrom(prefix, workspace, `http ${principal.id}`, given);
  const partition = template.replace(/\{(\w+)\}/g, (_, parameter: string) => params[parameter] ?? id);
  if (given === null) return { unit: { partition }, id };
  const key = digest(`${principal.id} ${name} ${partition} ${given}`);
  const body = digest(JSON.stringify(raw ?? null));
  const holdMs = deployed.declaration.limits.timeoutSeconds * 1000;
  const first = await reserve(runtime, `${workspace}/${partition}`, key, body, holdMs);
  const receipt = { key: answeredKey(key), value: (answer: unknown): Json => ({ v: 1, body, answer: jsonOf(answer) }) };
  return { unit: { partition, receipt }, id, key, body, ...(first ? { first } : {}) };
}

/** What `JSON.stringify` would send; `null` for nothing. */
const jsonOf = (answer: unknown): Json => (answer === undefined ? null : (JSON.parse(JSON.stringify(answer)) as Json)); // JSON by construction

function refusal(principal: Principal, route: Route): AppError {
  return principal.kind === 'anonymous'
    ? new AppError('unauthenticated', 'This needs an API key: Authorization: Bearer tf_…', { status: 401 })
    : new AppError('forbidden', `This needs the role ${route.role}`, { status: 403 });
}

function queryOf(request: Incoming): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in query) throw badRequest(`The query gives ${name.slice(0, 60)} twice`);
    query[name] = value;
  }
  return query;
}

function toAnswer(route: Route, value: unknown): Answer {
  const status = route.status ?? 200;
  if (status === 204) return { status, headers: {}, body: '' };
  const headers: Record<string, string> = {
    'content-type': route.produces ?? 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  if (route.location)
    headers['location'] = route.location.replace(/\{(\w+)\}/g, (_, field: string) =>
      encodeURIComponent(fieldOf(value, field)),
    );
  return { status, headers, body: route.produces ? String(value) : JSON.stringify(value) };
}

const fieldOf = (value: unknown, field: string): string =>
  typeof value === 'object' && value !== null ? String((value as Record<string, unknown>)[field] ?? '') : '';
