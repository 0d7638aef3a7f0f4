import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { describe, expect, it } from 'vitest';
import { fromSecretName, toSecretName } from '../../shared/clouds/azure/secrets.ts';
import { createVault } from '../../shared/clouds/azure/vault.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { manualClock, unique } from '../contracts/support.ts';
import { vaultContract, vaultFaultContract } from '../contracts/vault.ts';
import { azureFaults, IN_SECONDS } from '../peers/azure-faults.ts';
import { startFaultyProxy } from '../peers/faulty-proxy.ts';
import { type KeyVaultOptions, startKeyVault } from '../peers/key-vault.ts';

const identity = { token: async () => 'mine', refused: () => {} };

async function openAt(clock: Clock, options: KeyVaultOptions = {}) {
  const peer = await startKeyVault(options);
  peer.tokens.add('mine');
  const vault = createVault({ endpoint: peer.endpoint, identity, clock });
  const close = async () => {
    await vault.close?.();
    await peer.close();
  };
  return { peer, vault, close };
}

async function open() {
  const clock = manualClock();
  return { clock, ...(await openAt(clock)) };
}

vaultContract('Key Vault (peer)', ({ clock }) => openAt(clock));
vaultContract('Key Vault (peer, purging forbidden)', ({ clock }) => openAt(clock, { purgeProtection: true }));
vaultFaultContract('Key Vault (peer)', async ({ clock }) => {
  const { peer, close } = await open();
  const proxy = await startFaultyProxy(peer.endpoint);
  const vault = createVault({ endpoint: proxy.url, identity, clock, deadlineMs: 6_000, attemptMs: 300 });
  return {
    vault,
    faults: azureFaults(proxy, IN_SECONDS),
    async close() {
      await vault.close?.();
      await proxy.close();
      await close();
    },
  };
});

describe('the vault on Key Vault', () => {
  it('purges what it deletes', async () => {
    const { peer, vault, close } = await open();
    await vault.put('ws/key', 'value');
    await vault.delete('ws/key');
    expect(peer.names()).toEqual({ live: [], deleted: [] });
    await close();
  });

  it('disables versions whose overlap is over, so that nobody else reads them either', async () => {
    const { peer, vault, clock, close } = await open();
    await vault.put('key', 'one');
    await vault.put('key', 'two', { keepPreviousMs: 1_000 });
    expect(peer.readable()).toEqual(['one', 'two']);
    clock.advance(1_000);
    await vault.put('key', 'three', { keepPreviousMs: 0 });
    expect(peer.readable()).toEqual(['three']);
    await close();
  });

  it('lists more versions than a page has', async () => {
    const { vault, close } = await open();
    for (let i = 0; i < 30; i++) await vault.put('key', `value ${i}`);
    expect(await vault.versions('key')).toHaveLength(30);
    await close();
  });

  it('reads what an operator has put by hand', async () => {
    const { peer, vault, close } = await open();
    await fetch(`${peer.endpoint}/secrets/by-0hand?api-version=7.4`, {
      method: 'PUT',
      headers: { authorization: 'Bearer mine' },
      body: JSON.stringify({ value: 'typed' }),
    });
    expect((await vault.get('by/hand'))?.value).toBe('typed');
    expect(await vault.versions('by/hand')).toHaveLength(1);
    await close();
  });

  it('is read by the official SDK, which answers the challenge of the peer', async () => {
    const { peer, vault, close } = await open();
    await vault.put('ws/a_b', 'value');
    const plain = createDefaultHttpClient();
    // The SDK sends tokens over HTTPS alone; its requests are turned to the peer below that check.
    const httpClient = {
      sendRequest: (request: Parameters<typeof plain.sendRequest>[0]) => {
        const url = request.url.replace('https://peer.vault.azure.net', peer.endpoint);
        return plain.sendRequest({ ...request, url, allowInsecureConnection: true });
      },
    };
    const credential = { getToken: async () => ({ token: 'mine', expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const client = new SecretClient('https://peer.vault.azure.net', credential, { httpClient });
    const { value, properties } = await client.getSecret('ws-0a-1b');
    expect([value, properties.tags?.['name']]).toEqual(['value', 'ws/a_b']);
    await client.setSecret('ws-0a-1b', 'from the SDK');
    expect((await vault.get('ws/a_b'))?.value).toBe('from the SDK');
    await close();
  });
});

describe('names of secrets', () => {
  it.each(['a', 'ws/contract/key-1_2', 'A', 'aA-/_', 'a--b', '0', unique('x/Y')])(
    'turns %s into a name and back',
    (name) => {
      expect(toSecretName(name)).toMatch(/^[0-9A-Za-z-]{1,127}$/);
      expect(fromSecretName(toSecretName(name))).toBe(name);
    },
  );

  it('keeps names apart, also where only the case differs or the length is too much', () => {
    const names = [
      'a/b',
      'a-0b',
      'a_b',
      'a-b',
      'aB',
      'ab',
      'a-B',
      'a'.repeat(120),
      `${'_'.repeat(100)}a`,
      `${'_'.repeat(100)}b`,
    ];
    expect(new Set(names.map((name) => toSecretName(name).toLowerCase())).size).toBe(names.length);
  });
});
