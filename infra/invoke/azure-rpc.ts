import type { RpcHttpData, RpcInvocationResponse, RpcTypedData } from './azure-functions-core.ts';

/** What triggers a function: an HTTP request, or the data of a message, event or timer with its trigger metadata. */
export interface AzureTrigger {
  readonly http?: {
    readonly method?: string;
    /** Absolute, as the host passes it on. */
    readonly url: string;
    readonly headers?: Record<string, string>;
    /** What the host read from the route: `{ path: 'tickets/1' }` for `{*path}`. */
    readonly params?: Record<string, string>;
    readonly body?: string | Uint8Array;
  };
  /** A string or bytes as they are, anything else as JSON. */
  readonly data?: unknown;
  readonly metadata?: Record<string, unknown>;
}

/** What an HTTP function answered. */
export interface AzureHttpResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly cookies: readonly { name?: string | null; value?: string | null }[];
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** What a function returned: an `AzureHttpResponse` for HTTP, and its other outputs by the name of their binding. */
export interface AzureReturn {
  readonly body: unknown;
  readonly outputs: Record<string, unknown>;
}

export function toRpcTrigger({ http, data }: AzureTrigger): RpcTypedData | undefined {
  return http ? { http: toRpcHttp(http) } : toRpcTypedData(data);
}

function toRpcHttp(http: NonNullable<AzureTrigger['http']>): RpcHttpData {
  return {
    method: http.method ?? 'GET',
    url: http.url,
    nullableHeaders: toNullable(http.headers),
    nullableParams: toNullable(http.params),
    nullableQuery: toNullable(Object.fromEntries(new URL(http.url).searchParams)),
    body: http.body === undefined ? null : { bytes: Buffer.from(http.body) },
  };
}

function toNullable(values: Record<string, string> = {}): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

export function toRpcMetadata({ metadata = {} }: AzureTrigger): Record<string, RpcTypedData> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, toRpcTypedData(value) ?? {}]));
}

export function toRpcTypedData(value: unknown): RpcTypedData | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return { string: value };
  return value instanceof Uint8Array ? { bytes: value } : { json: JSON.stringify(value) };
}

export function fromRpcResponse(response: RpcInvocationResponse): AzureReturn {
  const outputs = (response.outputData ?? []).map(({ name, data }) => [name, fromRpcTypedData(data)]);
  return { body: fromRpcTypedData(response.returnValue), outputs: Object.fromEntries(outputs) };
}

function fromRpcTypedData(data: RpcTypedData | null | undefined): unknown {
  if (data?.http) return fromRpcHttp(data.http);
  return typeof data?.json === 'string'
    ? JSON.parse(data.json)
    : (data?.string ?? data?.bytes ?? data?.int ?? data?.double);
}

function fromRpcHttp(http: RpcHttpData): AzureHttpResponse {
  const bytes = Buffer.from(http.body?.bytes ?? http.body?.string ?? '');
  const { statusCode, headers, cookies } = http;
  return {
    status: Number(statusCode ?? 200),
    headers: headers ?? {},
    cookies: cookies ?? [],
    text: bytes.toString(),
    bytes,
  };
}
