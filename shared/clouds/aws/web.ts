import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import { type Answer, type Incoming, incoming } from '../../http/exchange.ts';

/** What API Gateway sends: the HTTP API's payload 2.0, or the REST API's 1.0. */
export type HttpEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent;

export const isV2 = (event: HttpEvent): event is APIGatewayProxyEventV2 =>
  'version' in event && event.version === '2.0';

/** The caller's address, as API Gateway saw it. */
export const addressOf = (event: HttpEvent): string | undefined =>
  isV2(event) ? event.requestContext.http.sourceIp : (event.requestContext.identity?.sourceIp ?? undefined);

export function toIncoming(event: HttpEvent): Incoming {
  return isV2(event) ? fromV2(event) : fromV1(event);
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
function fromV2(event: APIGatewayProxyEventV2): Incoming {
  const { http, stage, domainName } = event.requestContext;
  // Named stages stand in front of the path, the $default stage does not.
  const path =
    stage !== '$default' && event.rawPath.startsWith(`/${stage}/`)
      ? event.rawPath.slice(stage.length + 1)
      : event.rawPath;
  const cookies: Header[] = event.cookies?.length ? [['cookie', event.cookies.join('; ')]] : [];
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  const url = `https://${domainName || 'localhost'}${path}${query}`;
  return incoming(http.method, url, [...given(event.headers), ...cookies], bodyOf(event));
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
function fromV1(event: APIGatewayProxyEvent): Incoming {
  const several = Object.entries(event.multiValueHeaders ?? {}).flatMap(([name, values]) =>
    (values ?? []).map((value): Header => [name, value]),
  );
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    for (const value of values ?? []) query.append(name, value);
  const text = query.toString();
  const url = `https://${event.requestContext.domainName || 'localhost'}${event.path}${text ? `?${text}` : ''}`;
  return incoming(event.httpMethod, url, several.length > 0 ? several : given(event.headers ?? {}), bodyOf(event));
}

type Header = [name: string, value: string];

const given = (headers: Readonly<Record<string, string | undefined>>): Header[] =>
  Object.entries(headers).flatMap(([name, value]): Header[] => (value === undefined ? [] : [[name, value]]));

const bodyOf = ({ body, isBase64Encoded }: Pick<HttpEvent, 'body' | 'isBase64Encoded'>): Uint8Array | undefined =>
  body === undefined || body === null ? undefined : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');

/** API Gateway's answer, the same in both versions: all that we send is text, without cookies. */
export const fromAnswer = ({
  status,
  headers,
  body,
}: Answer): APIGatewayProxyStructuredResultV2 & APIGatewayProxyResult => ({
  statusCode: status,
  headers: { ...headers },
  body,
  isBase64Encoded: false,
});
