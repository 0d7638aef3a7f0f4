import type { WireAnswer, WireRequest } from '../../conformance/driver.ts';
import { fixture } from './host.ts';

/** What a Lambda function answers to API Gateway. */
export interface GatewayAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export const fromGateway = ({ statusCode, headers, body, isBase64Encoded }: GatewayAnswer): WireAnswer => ({
  status: statusCode,
  headers,
  text: isBase64Encoded ? Buffer.from(body, 'base64').toString() : body,
});

/** The HTTP API's event, with the fixture's surroundings. */
export function toPayloadV2({ method, path, headers = {}, body }: WireRequest): unknown {
  const { pathname, search } = new URL(path, 'http://localhost');
  const event = fixture<{ requestContext: { http: object } }>('aws', 'http-v2');
  return {
    ...event,
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers,
    requestContext: {
      ...event.requestContext,
      http: { ...event.requestContext.http, method, path: pathname },
    },
    ...(body === undefined ? { body: undefined } : encoded(body)),
  };
}

/** The REST API's event, with the fixture's surroundings. */
export function toPayloadV1({ method, path, headers = {}, body }: WireRequest): unknown {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  const names = [...new Set(searchParams.keys())];
  return {
    ...fixture('aws', 'http-v1'),
    httpMethod: method,
    path: decodeURI(pathname),
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    multiValueQueryStringParameters: Object.fromEntries(names.map((name) => [name, searchParams.getAll(name)])),
    ...(body === undefined ? { body: null, isBase64Encoded: false } : encoded(body)),
  };
}

/** Text travels as it is, anything else as base64. */
const encoded = (body: string | Uint8Array) =>
  typeof body === 'string'
    ? { body, isBase64Encoded: false }
    : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
