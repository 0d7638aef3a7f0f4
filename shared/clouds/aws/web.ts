import type {
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';

/** What API Gateway sends: the HTTP API's payload 2.0, or the REST API's 1.0. */
export type HttpEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent;

export const isV2 = (event: HttpEvent): event is APIGatewayProxyEventV2 =>
  'version' in event && event.version === '2.0';

/** The caller's address, as API Gateway saw it. */
export const addressOf = (event: HttpEvent): string | undefined =>
  isV2(event) ? event.requestContext.http.sourceIp : (event.requestContext.identity?.sourceIp ?? undefined);

export function toRequest(event: HttpEvent): Request {
  return isV2(event) ? fromV2(event) : fromV1(event);
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
function fromV2(event: APIGatewayProxyEventV2): Request {
  const { http, stage, domainName } = event.requestContext;
  // Named stages stand in front of the path, the $default stage does not.
  const path =
    stage !== '$default' && event.rawPath.startsWith(`/${stage}/`)
      ? event.rawPath.slice(stage.length + 1)
      : event.rawPath;
  const headers = new Headers(
    Object.entries(event.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  if (event.cookies?.length) headers.set('cookie', event.cookies.join('; '));
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  return build(`https://${domainName || 'localhost'}${path}${query}`, http.method, headers, event);
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
function fromV1(event: APIGatewayProxyEvent): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {}))
    for (const value of values ?? []) headers.append(name, value);
  for (const [name, value] of Object.entries(event.headers ?? {}))
    if (value !== undefined && !headers.has(name)) headers.set(name, value);
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    for (const value of values ?? []) query.append(name, value);
  const text = query.toString();
  return build(
    `https://${event.requestContext.domainName || 'localhost'}${event.path}${text ? `?${text}` : ''}`,
    event.httpMethod,
    headers,
    event,
  );
}

function build(
  url: string,
  method: string,
  headers: Headers,
  { body, isBase64Encoded }: Pick<HttpEvent, 'body' | 'isBase64Encoded'>,
): Request {
  const carries = body !== undefined && body !== null && method !== 'GET' && method !== 'HEAD';
  return new Request(url, {
    method,
    headers,
    ...(carries ? { body: isBase64Encoded ? Buffer.from(body, 'base64') : body } : {}),
  });
}

const TEXT = /^(text\/|application\/([\w.-]+\+)?(json|xml|javascript)\b)/i;

/** API Gateway's answer in the version of the event; anything but text travels as base64. */
export async function fromResponse(
  response: Response,
  event: HttpEvent,
): Promise<APIGatewayProxyStructuredResultV2 | APIGatewayProxyResult> {
  const isBase64Encoded = !TEXT.test(response.headers.get('content-type') ?? 'text/plain');
  const body = isBase64Encoded ? Buffer.from(await response.arrayBuffer()).toString('base64') : await response.text();
  const cookies = response.headers.getSetCookie();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'));
  const answer = { statusCode: response.status, headers, body, isBase64Encoded };
  if (cookies.length === 0) return answer;
  return isV2(event) ? { ...answer, cookies } : { ...answer, multiValueHeaders: { 'set-cookie': cookies } };
}
