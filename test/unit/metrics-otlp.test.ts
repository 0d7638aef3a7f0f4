import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMetrics } from '../../shared/clouds/azure/metrics.ts';
import { toOtlp } from '../../shared/metrics/otlp.ts';
import { createRegistry } from '../../shared/metrics/registry.ts';

describe('an OTLP request', () => {
  it('holds differences with attributes, bounds and the time that they cover', () => {
    const registry = createRegistry();
    registry.count('llm_cost', { model: 'a' }, 0.5);
    registry.set('ticket_queue_depth', { queue: 'q' }, 3);
    registry.observe('cloud_service_response_time_seconds', { service: 'store' }, 0.001);
    registry.observe('cloud_service_response_time_seconds', { service: 'store' }, 31);
    const body = toOtlp(registry.drain(), {
      resource: { 'service.name': 'desk' },
      since: 1_700_000_000_000,
      until: 1_700_000_001_500,
    });
    const time = { startTimeUnixNano: '1700000000000000000', timeUnixNano: '1700000001500000000' };
    expect(body).toMatchObject({
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'desk' } }] },
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'llm_cost',
                  unit: '{USD}',
                  sum: {
                    aggregationTemporality: 1,
                    isMonotonic: true,
                    dataPoints: [
                      { attributes: [{ key: 'model', value: { stringValue: 'a' } }], asDouble: 0.5, ...time },
                    ],
                  },
                },
                { name: 'ticket_queue_depth', gauge: { dataPoints: [{ asDouble: 3 }] } },
                {
                  name: 'cloud_service_response_time_seconds',
                  unit: 's',
                  histogram: {
                    aggregationTemporality: 1,
                    dataPoints: [
                      {
                        count: '2',
                        sum: 31.001,
                        min: 0.001,
                        max: 31,
                        bucketCounts: ['1', ...Array<string>(13).fill('0'), '1'],
                        explicitBounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
                        ...time,
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('pushing', () => {
  let server: Server;
  let endpoint: string;
  let seen: { url: string | undefined; headers: IncomingMessage['headers']; body: string }[];
  let status: number;
  beforeEach(async () => {
    seen = [];
    status = 200;
    server = createServer(async (request, response) => {
      const body = Buffer.concat(await Array.fromAsync(request)).toString();
      seen.push({ url: request.url, headers: request.headers, body });
      response.writeHead(status, { location: '/elsewhere' }).end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A server that listens on TCP has an address of this kind.
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const pushOne = async (metrics: ReturnType<typeof openMetrics>) => {
    metrics.count('llm_cost', { model: 'm' });
    await metrics.flush();
  };
  const totals = () => seen.map(({ body }) => /"asDouble":([\d.]+)/.exec(body)?.[1]);

  it('says who sends: service, cloud, and one name for this instance', async () => {
    const metrics = openMetrics({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'desk' });
    await pushOne(metrics);
    await pushOne(metrics);
    const resources = seen.map(({ body }) => JSON.stringify(JSON.parse(body).resourceMetrics[0].resource.attributes));
    expect(resources[0]).toContain('{"key":"service.name","value":{"stringValue":"desk"}}');
    expect(resources[0]).toContain('{"key":"cloud.provider","value":{"stringValue":"azure"}}');
    expect(resources[0]).toContain('service.instance.id');
    expect(resources[1]).toBe(resources[0]);
  });

  it('adds the path to a base with a path of its own, and the headers of the environment', async () => {
    const list = 'x-tenant=a%20b, x-other=1%3D2,broken,x-bad=%zz';
    await pushOne(openMetrics({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/otlp//`, OTEL_EXPORTER_OTLP_HEADERS: list }));
    expect(seen.map(({ url }) => url)).toEqual(['/otlp/v1/metrics']);
    expect(seen[0]?.headers).toMatchObject({ 'x-tenant': 'a b', 'x-other': '1=2', 'content-type': 'application/json' });
    expect(seen[0]?.headers).not.toHaveProperty('x-bad');
  });

  it('sends nothing when nothing was counted', async () => {
    await openMetrics({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).flush();
    expect(seen).toEqual([]);
  });

  it('follows no redirect', async () => {
    status = 307;
    await pushOne(openMetrics({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }));
    expect(seen.map(({ url }) => url)).toEqual(['/v1/metrics']);
  });

  it('leaves a collector that failed alone for 30 seconds; what is counted meanwhile waits, what failed is lost', async () => {
    const metrics = openMetrics({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
    status = 503;
    await pushOne(metrics);
    status = 200;
    await pushOne(metrics);
    now.mockReturnValue(1_029_999);
    await pushOne(metrics);
    expect(totals()).toEqual(['1']);
    now.mockReturnValue(1_030_000);
    await pushOne(metrics);
    expect(totals()).toEqual(['1', '3']);
    await pushOne(metrics);
    expect(totals()).toEqual(['1', '3', '1']);
  });

  it.each(['not a url', 'ftp://127.0.0.1', 'http://127.0.0.1:1'])('survives the endpoint %s', async (bad) => {
    const metrics = openMetrics({ OTEL_EXPORTER_OTLP_ENDPOINT: bad, OTEL_EXPORTER_OTLP_HEADERS: 'bad name=x%0Ay' });
    await expect(pushOne(metrics)).resolves.toBeUndefined();
  });
});
