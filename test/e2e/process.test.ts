import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../contracts/support.ts';
import { refusedStart, startDesk } from '../support/desk.ts';
import { allTickets, ended, postTicket, readMix, requestOf } from '../support/tickets.ts';

describe('a stop by SIGTERM', () => {
  it('with work under way ends well, and the next life finishes every ticket that was accepted', async () => {
    const mix = readMix();
    const desk = await startDesk({ sample: true });
    const ids: string[] = [];
    const client = async (start: number) => {
      for (let i = start; i < 200; i += 8) {
        const ticket = mix[i % mix.length];
        if (ticket) ids.push(await postTicket(desk, ticket));
      }
    };
    const clients = Array.from({ length: 8 }, (_, i) => client(i).catch(() => {}));
    while (ids.length < 40) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await desk.stop()).toBe(0);
    await Promise.all(clients);
    expect(desk.output()).not.toMatch(/"level":"ERROR"/);

    const next = await startDesk({ data: desk.data, key: desk.key });
    try {
      const tickets = await Promise.all(ids.map((id) => ended(next, id)));
      expect(tickets.filter(({ decision }) => decision?.reason.startsWith('No answer in time'))).toEqual([]);
      expect(new Set((await allTickets(next)).map(({ id }) => id)).isSupersetOf(new Set(ids))).toBe(true);
    } finally {
      await next.remove();
    }
  });

  it('lets a request that is under way end', async () => {
    const desk = await startDesk();
    const [ticket] = readMix();
    if (!ticket) throw new Error('The mix is empty');
    const text = JSON.stringify(requestOf(ticket));
    const headers = {
      authorization: `Bearer ${desk.key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const slow = request(`${desk.url}/api/tickets`, { method: 'POST', headers, agent: false });
    const status = new Promise<number | undefined>((resolve, reject) => {
      slow.on('response', (answer) => resolve(answer.resume().statusCode));
      slow.on('error', reject);
    });
    await new Promise<void>((resolve) => slow.write(text.slice(0, 20), () => resolve()));
    // The desk has read the half request once it answered a later one.
    await postTicket(desk, ticket);
    const stopped = desk.stop();
    const refused = () =>
      postTicket(desk, ticket).then(
        () => false,
        () => true,
      );
    expect(await eventually(refused, (is) => is)).toBe(true);
    slow.end(text.slice(20));
    expect(await status).toBe(202);
    expect(await stopped).toBe(0);
    await desk.remove();
  });

  it('does not wait for callers that keep asking on a connection of their own', async () => {
    const desk = await startDesk();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<number | undefined>((resolve, reject) => {
        const asked = request(`${desk.url}/health`, { agent }, (answer) =>
          answer.resume().on('end', () => resolve(answer.statusCode)),
        );
        asked.on('error', reject).end();
      });
    expect(await ask()).toBe(200);
    let answers = 0;
    const asking = (async () => {
      for (;;) {
        await ask();
        answers++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })().catch(() => 'refused');
    await eventually(
      async () => answers,
      (count) => count > 3,
    );
    expect(await desk.stop()).toBe(0);
    expect(await asking).toBe('refused');
    agent.destroy();
    await desk.remove();
  });
});

describe('a start that cannot be', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trifold-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['abc', '-1', '70000', '1.5', ''])('with --port "%s" says so in one line', async (port) => {
    const { code, lines } = await refusedStart([`--port=${port}`, '--data', folder]);
    expect([code, lines.length]).toEqual([2, 1]);
    expect(lines[0]).toContain(`"${port}" is no port`);
  });

  it('with an option that there is not says so in one line', async () => {
    const { code, lines } = await refusedStart(['--prot', '1', '--data', folder]);
    expect([code, lines.length]).toEqual([2, 1]);
    expect(lines[0]).toMatch(/--prot/);
  });

  it('on a port that is taken says so in one line, and does not use up the admin key', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      }),
    );
    const data = join(folder, 'fresh');
    const { code, lines } = await refusedStart(['--port', String(port), '--data', data]);
    taken.close();
    expect(code).toBeGreaterThan(0);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/port is taken.*--port/);
    const desk = await startDesk({ data });
    expect(desk.key).toMatch(/^tf_main_/);
    await desk.remove();
  });

  it('in a folder that cannot be written says so in one line', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, lines } = await refusedStart(['--port', '0', '--data', join(file, 'data')]);
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain(file);
  });

  it('with a setting that is wrong names the variable and not its value', async () => {
    const { code, lines } = await refusedStart(['--port', '0', '--data', folder], {
      TRIFOLD_WEBHOOK_URL: 'ftp://secret-host',
    });
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain('TRIFOLD_WEBHOOK_URL');
    expect(lines[0]).not.toContain('secret-host');
  });
});
