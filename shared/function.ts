import type { $ZodType, input as In, output as Out } from 'zod/v4/core';
import type { Context } from './context.ts';
import type { PortName } from './ports/index.ts';
import type { Role } from './principal.ts';

/**
 * The central declaration: what a function is for, what starts it, what it may use, send and emit. Pure data; wiring
 * (Lambda functions and event sources, Azure's registrations, Google's triggers, permissions, OpenAPI, the local host)
 * is derived from it, and handlers are typed by it.
 */

export type { Role };
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type RouteName = `${Method} /${string}`;

export interface Route {
  readonly role: Role;
  /** One line for the OpenAPI document. */
  readonly summary: string;
  /** JSON body; unknown fields are refused when the schema is strict. */
  readonly input?: $ZodType;
  readonly query?: $ZodType;
  readonly output: $ZodType;
  /** Media type of the answer when it is not JSON; `output` is then a string schema. */
  readonly produces?: string;
  /** Status of success, 200 unless told otherwise. */
  readonly status?: 200 | 201 | 202 | 204;
  /**
   * The partition that the route changes, for example `ticket/{id}`, with path parameters in braces. A parameter that is
   * not in the path is a new id, made from the `Idempotency-Key` where the caller gives one. Every route but GET needs it.
   */
  readonly writes?: string;
  /** Prefix of the new id that `writes` asks for, for example `tkt`. */
  readonly creates?: string;
  /** `Location` of the answer, with fields of the output in braces. */
  readonly location?: string;
}
export type Routes = Readonly<Record<RouteName, Route>>;

export interface HttpTrigger<R extends Routes = Routes> {
  readonly kind: 'http';
  readonly routes: R;
}
interface MessageOptions {
  /** Version of the schema, the last part of the CloudEvents type. Readers take this one and, by `upgrade`, the one before. */
  readonly version?: number;
  /** Makes data of the version before into this version's. */
  readonly upgrade?: (data: unknown) => unknown;
  /**
   * `outside`: anybody with access to the queue or bus may have written it, so its workspace is the connection's, never
   * the envelope's. `inside` (default): only this app's own identities can send here.
   */
  readonly from?: 'inside' | 'outside';
}
export interface QueueTrigger<S extends $ZodType = $ZodType> extends MessageOptions {
  readonly kind: 'queue';
  readonly queue: string;
  readonly schema: S;
}
export interface EventTrigger<S extends $ZodType = $ZodType> extends MessageOptions {
  readonly kind: 'event';
  readonly type: string;
  readonly schema: S;
}
export interface ScheduleTrigger {
  readonly kind: 'schedule';
  readonly cron: string;
  /** `workspace` (default): once for each workspace; `app`: once for all of them. */
  readonly per: 'workspace' | 'app';
}
export interface DirectTrigger<I extends $ZodType = $ZodType, O extends $ZodType = $ZodType> {
  readonly kind: 'direct';
  readonly input: I;
  readonly output: O;
}
export type Trigger = HttpTrigger | QueueTrigger | EventTrigger | ScheduleTrigger | DirectTrigger;

/** Routes of one HTTP front: `{ 'GET /api/tickets/{id}': { role, output, … } }`. */
export const http = <const R extends Routes>(
  routes: R & { readonly [K in keyof R]: K extends RouteName ? unknown : never },
): HttpTrigger<R> => ({ kind: 'http', routes });
/** Messages of a queue, one at a time: return means done, throw means again, `PermanentError` means dead letter. */
export const queue = <S extends $ZodType>(name: string, schema: S, options: MessageOptions = {}): QueueTrigger<S> => ({
  kind: 'queue',
  queue: name,
  schema,
  ...options,
});
/** Events of one type on the bus, one at a time, with the same meaning of return and throw. */
export const event = <S extends $ZodType>(type: string, schema: S, options: MessageOptions = {}): EventTrigger<S> => ({
  kind: 'event',
  type,
  schema,
  ...options,
});
/** A 5-field cron expression in UTC. */
export const schedule = (cron: string, per: ScheduleTrigger['per'] = 'workspace'): ScheduleTrigger => ({
  kind: 'schedule',
  cron,
  per,
});
/** A call from other code of the team's cloud, authorised by that cloud. */
export const direct = <I extends $ZodType, O extends $ZodType>(input: I, output: O): DirectTrigger<I, O> => ({
  kind: 'direct',
  input,
  output,
});

export interface Limits {
  readonly memoryMb: number;
  /** Longest time of one invocation; messages stay invisible for six times as long (SQS' advice for event sources). */
  readonly timeoutSeconds: number;
  /** Messages handled at once, over all instances. */
  readonly concurrency: number;
}

export interface Declaration<
  U extends PortName = PortName,
  S extends string = string,
  E extends string = string,
  T extends Readonly<Record<string, Trigger>> = Readonly<Record<string, Trigger>>,
> {
  readonly name: string;
  readonly purpose: string;
  /** Ports beside the store; decides which adapters are bundled. */
  readonly uses: readonly U[];
  /** Queues that it may send to; decides permissions. */
  readonly sends: readonly S[];
  /** Event types that it may emit, without their version. */
  readonly emits: readonly E[];
  readonly on: T;
  readonly limits: Limits;
}

type Optional = 'uses' | 'sends' | 'emits' | 'limits';
const DEFAULT_LIMITS: Limits = { memoryMb: 512, timeoutSeconds: 30, concurrency: 10 };

/** Declares a function; see README "Add a function". Ambiguous routes and names are refused at derivation. */
export function defineFunction<
  const U extends PortName = never,
  const S extends string = never,
  const E extends string = never,
  const T extends Readonly<Record<string, Trigger>> = Readonly<Record<string, Trigger>>,
>(
  d: Omit<Declaration<U, S, E, T>, Optional> & Partial<Pick<Declaration<U, S, E, T>, Optional>>,
): Declaration<U, S, E, T> {
  return { uses: [], sends: [], emits: [], limits: DEFAULT_LIMITS, ...d };
}

type Params<R extends string> = R extends `${string}{${infer N}}${infer Rest}`
  ? { [K in N | keyof Params<Rest>]: string }
  : Record<never, string>;
type Parsed<S> = S extends $ZodType ? Out<S> : undefined;

export interface HttpRequest<K extends string = string, R extends Route = Route> {
  readonly params: Params<K>;
  readonly body: Parsed<R['input']>;
  readonly query: Parsed<R['query']>;
}
/** What is known of a message beside its data. */
export interface MessageInfo {
  readonly id: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly time: number;
  /** 1 on first delivery, where the cloud tells. */
  readonly attempt: number;
}
export interface Tick {
  /** Epoch milliseconds for which it was scheduled, as near as the cloud tells. */
  readonly at: number;
}

type HandlerOf<T extends Trigger, C> =
  T extends HttpTrigger<infer R>
    ? {
        readonly [K in keyof R & string]: (
          request: HttpRequest<K, R[K & keyof R] & Route>,
          ctx: C,
        ) => Promise<In<(R[K & keyof R] & Route)['output']>>;
      }
    : T extends QueueTrigger<infer S> | EventTrigger<infer S>
      ? (data: Out<S>, ctx: C, message: MessageInfo) => Promise<void>
      : T extends DirectTrigger<infer I, infer O>
        ? (input: Out<I>, ctx: C) => Promise<In<O>>
        : (tick: Tick, ctx: C) => Promise<void>;

export type ContextOf<D> = D extends Declaration<infer U, infer S, infer E, infer _> ? Context<U, S, E> : never;
/** The handlers that a declaration asks for, one for each trigger (and route). */
export type Handlers<D> =
  D extends Declaration<infer _U, infer _S, infer _E, infer T>
    ? { readonly [K in keyof T]: HandlerOf<T[K], ContextOf<D>> }
    : never;

/** A function with its handlers, as hosts take it. */
export interface Deployed {
  readonly declaration: Declaration;
  readonly handlers: Readonly<Record<string, unknown>>;
}
