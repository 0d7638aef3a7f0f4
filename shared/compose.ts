import { createDesk } from './desk.ts';
import { lazy } from './lazy.ts';
import type { PortName, Ports } from './ports/index.ts';
import type { Base, PortOpener, PortOpeners, Runtime, Scope } from './runtime.ts';

/** Puts the ports that an artifact was built with on its base; each is opened when it is first used. */
export function createRuntime(base: Base, openers: PortOpeners): Runtime {
  const ports: { -readonly [P in PortName]?: (scope: Scope) => Ports[P] } = {};
  const lazily = <P>(open: PortOpener<P>): ((scope: Scope) => P) => {
    const opened = lazy(() => open(base));
    return (scope) => opened()(scope);
  };
  const { customers, embeddings, estate, model, notifier, objects, vault } = openers;
  if (customers) ports.customers = lazily(customers);
  if (embeddings) ports.embeddings = lazily(embeddings);
  if (estate) ports.estate = lazily(estate);
  if (model) ports.model = lazily(model);
  if (notifier) ports.notifier = lazily(notifier);
  if (objects) ports.objects = lazily(objects);
  if (vault) ports.vault = lazily(vault);
  const runtime: Runtime = { ...base, ports };
  const desk = createDesk(runtime, base.metrics.text);
  ports.desk = () => desk;
  return runtime;
}
