import { readFileSync } from 'node:fs';
import { functions } from '../../../functions/index.ts';
import { routesOf } from '../../../infra/derive/triggers.ts';
import type { Declaration } from '../../../shared/function.ts';
import type { Delivery, WireAnswer, WireRequest } from '../../conformance/driver.ts';

/** A trigger of a function, as a deployed thing of its own. */
export interface Target {
  readonly function: string;
  readonly trigger: string;
}

/** A message as an event source hands it over. */
export interface Delivered {
  readonly id: string;
  readonly body: string;
  /** How often it was delivered, this time included. */
  readonly attempts: number;
}

/** Built artifacts on a cloud's own runtime, reached by that cloud's native events; each starts when it is first called. */
export interface Host {
  /** `front` is one of the names under which the cloud's test runs the scenario's requests. */
  request(front: string, request: WireRequest): Promise<WireAnswer>;
  /** Messages of one queue, at most ten, together where the cloud has batches. */
  deliver(target: Target, messages: readonly Delivered[]): Promise<Delivery[]>;
  publish(target: Target, envelope: Readonly<Record<string, unknown>>): Promise<Delivery>;
  tick(target: Target, at: number): Promise<void>;
  call(target: Target, input: unknown): Promise<unknown>;
  /** stdout and stderr of every process so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

export interface HostOptions {
  /** Folder of the cloud's artifacts. */
  readonly dir: string;
  /** For every artifact. */
  readonly env: Readonly<Record<string, string>>;
}

/** Generous: the machine may be busy, and no figure is asserted. */
export const PATIENCE_MS = 30_000;

/** A file of `events/<cloud>`. */
export const fixture = <T extends object = Record<string, unknown>>(cloud: string, name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../events/${cloud}/${name}.json`, import.meta.url), 'utf8')) as T; // our own files

const routes = routesOf(functions).map(({ declaration, trigger, method, path }) => ({
  target: { function: declaration.name, trigger },
  method,
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** Whose route a gateway with one integration for each route chooses; what fits none goes to the first. */
export function targetOf({ method, path }: Pick<WireRequest, 'method' | 'path'>): Target {
  const { pathname } = new URL(path, 'http://localhost');
  const route = routes.find((one) => one.method === method && one.pattern.test(pathname)) ?? routes[0];
  if (!route) throw new Error('No function has a route');
  return route.target;
}

export function declarationOf(target: Target): Declaration {
  const declaration: Declaration | undefined = functions.find(({ name }) => name === target.function);
  if (!declaration?.on[target.trigger]) throw new Error(`${target.function} has no trigger ${target.trigger}`);
  return declaration;
}

/** Starts each thing once, when it is first asked for. */
export function startedOnce<T extends { stop(): Promise<unknown>; log(): string }>(start: (key: string) => Promise<T>) {
  const started = new Map<string, Promise<T>>();
  return {
    get(key: string): Promise<T> {
      const known = started.get(key) ?? start(key);
      started.set(key, known);
      return known;
    },
    async stop(): Promise<void> {
      const settled = await Promise.allSettled(started.values());
      await Promise.all(settled.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
    },
    async log(): Promise<string> {
      const settled = await Promise.allSettled(started.values());
      return settled.map((one) => (one.status === 'fulfilled' ? one.value.log() : String(one.reason))).join('\n');
    },
  };
}
