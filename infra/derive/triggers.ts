import type { Declaration, Route, Trigger } from '../../shared/function.ts';

/** One trigger of one function, as derivations walk through them. */
export interface Declared<T extends Trigger = Trigger> {
  readonly declaration: Declaration;
  readonly name: string;
  readonly trigger: T;
}

export function triggersOf(declarations: readonly Declaration[]): Declared[] {
  return declarations.flatMap((declaration) =>
    Object.entries(declaration.on).map(([name, trigger]) => ({ declaration, name, trigger })),
  );
}

export function triggersOfKind<K extends Trigger['kind']>(
  declarations: readonly Declaration[],
  kind: K,
): Declared<Extract<Trigger, { kind: K }>>[] {
  // The filter has just made sure of the kind.
  return triggersOf(declarations).filter(({ trigger }) => trigger.kind === kind) as Declared<
    Extract<Trigger, { kind: K }>
  >[];
}

/** Name of what is deployed for a trigger: `orchestrator-received`. */
export const deployedName = ({ declaration, name }: Pick<Declared, 'declaration' | 'name'>): string =>
  `${declaration.name}-${name}`;

export interface DeclaredRoute {
  readonly declaration: Declaration;
  readonly trigger: string;
  readonly method: string;
  readonly path: string;
  readonly route: Route;
}

export function routesOf(declarations: readonly Declaration[]): DeclaredRoute[] {
  return triggersOfKind(declarations, 'http').flatMap(({ declaration, name, trigger }) =>
    Object.entries(trigger.routes).map(([key, route]) => {
      const [method = '', path = ''] = key.split(' ');
      return { declaration, trigger: name, method, path, route };
    }),
  );
}

/** Queues with a consumer, in order of name. */
export const queuesOf = (declarations: readonly Declaration[]): string[] =>
  triggersOfKind(declarations, 'queue')
    .map(({ trigger }) => trigger.queue)
    .sort();

/** Whether a function may send to every queue: replaying dead letters and sweeping need that. */
export const sendsAnywhere = (declaration: Declaration): boolean => declaration.uses.includes('desk');
