import { describe, expect, it } from 'vitest';
import { createClients } from '../../shared/clouds/gcp/clients.ts';
import { fixedIdentity } from '../../shared/clouds/gcp/identity.ts';
import { toSecretId } from '../../shared/clouds/gcp/secret-names.ts';
import { createVault } from '../../shared/clouds/gcp/vault.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { type ManualClock, manualClock, unique } from '../contracts/support.ts';
import { vaultContract, vaultFaultContract } from '../contracts/vault.ts';
import { googleFaults, startGoogleProxy } from '../peers/google-faults.ts';
import { startSecretManager } from '../peers/secret-manager.ts';

const connect = (url: string, clock: Clock) =>
  createClients({
    project: 'contract',
    endpoints: { secretManager: url },
    identity: fixedIdentity('owner'),
    clock,
    attemptMs: 800,
    timeoutMs: 4_000,
  });

async function open({ clock }: { clock: Clock }) {
  const peer = await startSecretManager();
  const proxy = await startGoogleProxy(peer.url);
  const clients = connect(proxy.url, clock);
  return {
    vault: createVault(clients),
    faults: googleFaults(proxy),
    peer,
    proxy,
    async close() {
      clients.close();
      await proxy.close();
      await peer.close();
    },
  };
}

vaultContract('Secret Manager (peer)', open);
vaultFaultContract('Secret Manager (peer)', open);

const slept = (clock: ManualClock) => clock.sleeps.reduce((sum, ms) => sum + ms, 0);

describe('Secret Manager on the wire', () => {
  it('reads a current value in one request, and makes a first version in three', async () => {
    const { vault, proxy, close } = await open({ clock: manualClock() });
    await vault.put('ws/key', 'first');
    expect(proxy.requests.map(({ operation }) => operation)).toEqual([
      'addVersion',
      'POST /v1/projects/contract/secrets',
      'addVersion',
    ]);
    proxy.forget();
    await vault.get('ws/key');
    expect(proxy.count()).toBe(1);
    await close();
  });

  it('destroys what nobody may read any more at the next put', async () => {
    const clock = manualClock();
    const { vault, peer, close } = await open({ clock });
    await vault.put('key', 'one');
    await vault.put('key', 'two', { keepPreviousMs: 1_000 });
    expect(peer.held()).toHaveLength(2);
    clock.advance(1_000);
    await vault.put('key', 'three');
    expect(peer.held().map((data) => Buffer.from(data, 'base64').toString())).toEqual(['two', 'three']);
    await vault.put('key', 'four', { keepPreviousMs: 0 });
    expect(peer.held()).toHaveLength(2);
    await close();
  });

  it('forgets no end when two puts write theirs at the same moment', async () => {
    const clock = manualClock();
    const { vault, proxy, close } = await open({ clock });
    const { version } = await vault.put('key', 'one');
    proxy.inject({
      kind: 'intercept',
      on: ({ method }) => method === 'PATCH',
      times: 1,
      async handle(request, forward) {
        // The other put writes its own between the reading and the writing of this one.
        const path = '/v1/projects/contract/secrets/trifold-key?updateMask=annotations';
        const body = Buffer.from(JSON.stringify({ annotations: { 'put-9': '1/1' } }));
        await forward({ ...request, path, body });
        return forward(request);
      },
    });
    await vault.put('key', 'two', { keepPreviousMs: 1_000 });
    const secret = await fetch(`${proxy.url}/v1/projects/contract/secrets/trifold-key`, {
      headers: { authorization: 'Bearer owner' },
    });
    expect(await secret.json()).toMatchObject({
      annotations: { 'put-9': '1/1', 'put-2': `${clock.now() - slept(clock)}/1000` },
    });
    clock.advance(1_000);
    expect(await vault.get('key', version)).toBeUndefined();
    await close();
  });

  it('gives a day to the version before a put that was cut short', async () => {
    const clock = manualClock();
    const { vault, proxy, close } = await open({ clock });
    const { version } = await vault.put('key', 'one');
    await fetch(`${proxy.url}/v1/projects/contract/secrets/trifold-key:addVersion`, {
      method: 'POST',
      headers: { authorization: 'Bearer owner' },
      body: JSON.stringify({ payload: { data: Buffer.from('two').toString('base64') } }),
    });
    clock.advance(23 * 3_600_000);
    expect((await vault.get('key', version))?.value).toBe('one');
    clock.advance(2 * 3_600_000);
    expect(await vault.get('key', version)).toBeUndefined();
    await close();
  });

  it('has no current value where somebody has disabled it', async () => {
    const { vault, proxy, close } = await open({ clock: manualClock() });
    const { version } = await vault.put('key', 'one');
    const url = `${proxy.url}/v1/projects/contract/secrets/trifold-key/versions/${version}:disable`;
    await fetch(url, { method: 'POST', headers: { authorization: 'Bearer owner' } });
    expect(await vault.get('key')).toBeUndefined();
    await close();
  });
});

describe('the names of secrets', () => {
  it('never meet', () => {
    const names = ['a/b', 'a-b', 'a_b', 'a_-b', 'a__b', 'a/_b', 'a_/b', 'a//b', 'a_s', unique('x')];
    const ids = names.map((name) => toSecretId('trifold-', name));
    expect(new Set(ids).size).toBe(names.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
  });

  it('fit when all of their characters double', () => {
    expect(toSecretId('trifold-', `a${'_'.repeat(119)}`)).toHaveLength(247);
  });
});
