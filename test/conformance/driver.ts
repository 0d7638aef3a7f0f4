import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessPartition, createKey, type MemberRole } from '../../shared/access.ts';
import { type LocalBase, openBase } from '../../shared/clouds/local/base.ts';
import { createRuntime } from '../../shared/compose.ts';
import { openStoredCustomers } from '../../shared/customers/stored.ts';
import { newId } from '../../shared/domain/ids.ts';
import { openModel } from '../../shared/models/index.ts';
import { openConfiguredNotifier } from '../../shared/notifiers/configured.ts';
import { openSampleEstate } from '../../shared/providers/sample/estate.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { CloudName } from '../../shared/settings.ts';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}
/** What the cloud would do with a message after this delivery. */
export type Delivery = 'acknowledged' | 'again';

/** A cloud's way in to the probe function, by its native events: the conformance suite knows nothing else of it. */
export interface Driver {
  readonly cloud: CloudName;
  request(request: WireRequest): Promise<WireAnswer>;
  /** Delivers messages of a queue, together where the cloud has batches. */
  deliver(trigger: string, bodies: readonly unknown[], attempt?: number): Promise<Delivery[]>;
  publish(trigger: string, envelope: unknown): Promise<Delivery>;
  tick(trigger: string, at: number): Promise<void>;
  /** Resolves with the value, or with the problem's code. */
  call(trigger: string, input: unknown): Promise<{ value: unknown } | { code: string }>;
  close(): Promise<void>;
}

/** A desk on files in a temporary folder, without a host: each cloud's driver puts its own on top. */
export interface Bench {
  readonly runtime: Runtime;
  readonly base: LocalBase;
  key(role: MemberRole, workspace?: string): Promise<string>;
  remove(): Promise<void>;
}

export function openBench(cloud: CloudName, env: Readonly<Record<string, string>> = {}): Bench {
  const data = mkdtempSync(join(tmpdir(), 'trifold-'));
  const base = openBase({ TRIFOLD_DATA_DIR: data, TRIFOLD_LOG_LEVEL: 'error', ...env }, 'test', cloud);
  const quiet = { ...base, log: { debug() {}, info() {}, warn() {}, error() {} } };
  const openers = {
    customers: openStoredCustomers,
    estate: openSampleEstate,
    model: openModel,
    notifier: openConfiguredNotifier,
  };
  const runtime = createRuntime(quiet, openers);
  return {
    runtime,
    base,
    async key(role, workspace = 'main') {
      const { id, key, write } = createKey(workspace, role, runtime.clock.now());
      await runtime.store.commit(`${workspace}/${accessPartition(id)}`, [write], newId('cmt', runtime.clock.now()));
      return key;
    },
    async remove() {
      await base.queues.close();
      await base.store.close?.();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A message as a function of ours sends it. */
export const envelope = (
  type: string,
  data: unknown,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  specversion: '1.0',
  id: newId('msg', Date.now()),
  source: 'trifold/test',
  type,
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  workspace: 'main',
  data,
  ...more,
});
