import type { Declaration } from '../../shared/function.ts';
import { parseCron, toCloudScheduler, toEventBridge, toNcrontab } from '../cron.ts';
import { type DeclaredRoute, deployedName, queuesOf, routesOf, triggersOf, triggersOfKind } from './triggers.ts';

// The narrowest of the clouds: Google's function names, AWS' 64 characters less service and stage.
const FUNCTION_NAME = /^[a-z][a-z0-9-]{0,24}$/;
const TRIGGER_NAME = /^[a-z][A-Za-z0-9]{0,24}$/;
/** SQS: 80 characters less prefix and the suffix of its dead letters; Service Bus and Pub/Sub allow more. */
const QUEUE_NAME = /^[a-z][a-z0-9-]{0,49}$/;
/** HTTP's `/api` and the few paths for machines; what else a page needs is one segment. */
const PATH = /^\/(?:(?:[a-z0-9.-]+|\{[A-Za-z]\w*\})(?:\/(?:[a-z0-9.-]+|\{[A-Za-z]\w*\}))*)?$/;
/** API Gateway gives up after 29 s, Azure's front end after 230 s; a function over HTTP may not count on more than its trigger has. */
const MOST_SECONDS = 900;

/** Throws one error that names every fault; nothing is derived from faulty declarations. */
export function checkDeclarations(declarations: readonly Declaration[]): void {
  const faults = [
    ...namesOf(declarations),
    ...destinations(declarations),
    ...routesOf(declarations).flatMap(routeFaults),
    ...ambiguous(routesOf(declarations)),
    ...crons(declarations),
  ];
  if (faults.length > 0) throw new Error(`The declarations have faults:\n- ${faults.join('\n- ')}`);
}

function namesOf(declarations: readonly Declaration[]): string[] {
  const names = declarations.map(({ name }) => name);
  return [
    ...names
      .filter((name) => !FUNCTION_NAME.test(name))
      .map((name) => `${name}: a function's name is 1 to 25 lower-case letters, digits and -`),
    ...twice(names).map((name) => `${name} is declared twice`),
    ...triggersOf(declarations)
      .filter(({ name }) => !TRIGGER_NAME.test(name))
      .map((declared) => `${deployedName(declared)}: a trigger's name is 1 to 25 letters and digits`),
    ...declarations
      .filter(({ limits }) => !(limits.timeoutSeconds >= 1 && limits.timeoutSeconds <= MOST_SECONDS))
      .map(({ name }) => `${name}: timeoutSeconds is 1 to ${MOST_SECONDS}`),
    ...declarations
      .filter((declaration) => triggersOfKind([declaration], 'http').length > 1)
      .map(({ name }) => `${name} has two http triggers; put their routes together`),
  ];
}

function destinations(declarations: readonly Declaration[]): string[] {
  const queues = queuesOf(declarations);
  return [
    ...queues
      .filter((queue) => !QUEUE_NAME.test(queue))
      .map((queue) => `${queue}: a queue's name is 1 to 50 lower-case letters, digits and -`),
    ...twice(queues).map((queue) => `Two triggers consume the queue ${queue}; a message goes to one of them by chance`),
    ...declarations.flatMap(({ name, sends }) =>
      sends
        .filter((queue) => !queues.includes(queue))
        .map((queue) => `${name} sends to ${queue}, which nothing consumes`),
    ),
  ];
}

function routeFaults({ declaration, method, path, route }: DeclaredRoute): string[] {
  const where = `${declaration.name}: ${method} ${path}`;
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
  const missing = [...(route.writes ?? '').matchAll(/\{(\w+)\}/g)].filter(
    ([, parameter]) => !parameters.includes(parameter),
  );
  return [
    ...(PATH.test(path) ? [] : [`${where}: a path is lower-case segments and {parameters}`]),
    ...(twice(parameters.map(String)).length > 0 ? [`${where} has a parameter twice`] : []),
    ...(method === 'GET' && route.writes ? [`${where} reads, so it may not declare what it writes`] : []),
    ...(method === 'GET' && route.input ? [`${where} has no body, so it may not have an input`] : []),
    ...(route.writes && missing.length > (route.creates ? 1 : 0)
      ? [`${where} writes ${route.writes}, of which its path does not give everything`]
      : []),
    ...(route.creates && missing.length === 0
      ? [`${where} creates ${route.creates}, but no part of ${route.writes} is new`]
      : []),
  ];
}

/** Two routes of one method that some path fits both, without one being the more particular. */
function ambiguous(routes: readonly DeclaredRoute[]): string[] {
  return routes.flatMap((a, i) =>
    routes
      .slice(i + 1)
      .filter((b) => a.method === b.method && overlap(a.path, b.path))
      .map(
        (b) =>
          `${a.method} ${a.path} (${a.declaration.name}) and ${b.path} (${b.declaration.name}) answer the same paths`,
      ),
  );
}

function overlap(a: string, b: string): boolean {
  const [x, y] = [a.split('/'), b.split('/')];
  if (x.length !== y.length) return false;
  const open = (segment: string | undefined) => segment?.startsWith('{') === true;
  if (!x.every((segment, i) => open(segment) || open(y[i]) || segment === y[i])) return false;
  // One is the more particular when it is fixed wherever they differ; then the particular one answers.
  const aFixes = x.some((segment, i) => !open(segment) && open(y[i]));
  const bFixes = x.some((segment, i) => open(segment) && !open(y[i]));
  return aFixes === bFixes;
}

function crons(declarations: readonly Declaration[]): string[] {
  return triggersOfKind(declarations, 'schedule').flatMap((declared) => {
    const where = deployedName(declared);
    try {
      parseCron(declared.trigger.cron);
    } catch (error) {
      return [`${where}: ${error instanceof Error ? error.message : error}`];
    }
    return [toEventBridge, toNcrontab, toCloudScheduler].flatMap((to) => {
      const derived = to(declared.trigger.cron);
      return derived.ok ? [] : [`${where}: ${derived.reason}`];
    });
  });
}

const twice = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i)),
];
