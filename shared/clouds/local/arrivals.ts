export interface Arrivals {
  /** Tells the listeners, in a later turn, that a queue has something. */
  announce(queue: string): void;
  /** Looks again in `ms`. */
  lookIn(ms: number): void;
  listen(listener: (queue: string) => void): () => void;
  close(): void;
}

/**
 * Tells listeners about queues: what is announced at once (several in one turn as one), everything else by a look every
 * `pollMs` milliseconds while somebody listens. No timer keeps the process alive.
 */
export function arrivals(look: () => readonly string[], pollMs: number): Arrivals {
  const listeners = new Set<(queue: string) => void>();
  const announced = new Set<string>();
  const soon = new Set<NodeJS.Timeout>();
  let poll: NodeJS.Timeout | undefined;

  function tell(): void {
    const queues = [...announced];
    announced.clear();
    for (const queue of queues) for (const listener of listeners) listener(queue);
  }
  function announce(queue: string): void {
    if (listeners.size === 0) return;
    if (announced.size === 0) setImmediate(tell);
    announced.add(queue);
  }
  function lookNow(): void {
    let queues: readonly string[];
    try {
      queues = look();
    } catch {
      // A locked or failing file: the consumer meets it at its next receive, and the next look comes anyway.
      return;
    }
    for (const queue of queues) announce(queue);
  }
  function stop(): void {
    clearInterval(poll);
    poll = undefined;
    for (const timer of soon) clearTimeout(timer);
    soon.clear();
  }

  return {
    announce,
    lookIn: (ms) => {
      // Further ahead the regular look comes first.
      if (listeners.size === 0 || ms >= pollMs) return;
      const timer = setTimeout(() => {
        soon.delete(timer);
        lookNow();
      }, ms).unref();
      soon.add(timer);
    },
    listen: (listener) => {
      listeners.add(listener);
      poll ??= setInterval(lookNow, pollMs).unref();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    close: () => {
      listeners.clear();
      stop();
    },
  };
}
