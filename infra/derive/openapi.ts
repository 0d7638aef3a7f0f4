import * as z from 'zod/v4/core';
import type { Declaration, Role, Route } from '../../shared/function.ts';
import { routesOf } from './triggers.ts';

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'traceId'],
  properties: {
    type: { type: 'string', description: 'urn:trifold:problem:{code}' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened, to what, and what to do' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
    traceId: { type: 'string' },
  },
};

const ROLES: { readonly [R in Role]: string } = {
  public: 'Open to anybody.',
  viewer: 'Needs the role viewer.',
  operator: 'Needs the role operator.',
  admin: 'Needs the role admin.',
};

/** The OpenAPI 3.1 document of every declared route. */
export function deriveOpenApi(declarations: readonly Declaration[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { declaration, method, path, route } of routesOf(declarations)) {
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = operationOf(declaration.name, method, path, route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trifold',
      version,
      description: 'An operations desk: tickets, inventory and costs of four clouds.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: declarations
      .filter(({ name }) => routesOf(declarations).some(({ declaration }) => declaration.name === name))
      .map(({ name, purpose }) => ({ name, description: purpose })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, tf_…' } },
      schemas: { Problem: PROBLEM },
      responses: {
        Problem: {
          description: 'What went wrong',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operationOf(tag: string, method: string, path: string, route: Route) {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...queryParameters(route),
    ...(route.writes
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            schema: { type: 'string', maxLength: 200 },
            description: 'Safe to send twice: the same key gets the same answer.',
          },
        ]
      : []),
  ];
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary: route.summary,
    description: ROLES[route.role],
    security: route.role === 'public' ? [] : [{ apiKey: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.input
      ? { requestBody: { required: true, content: { 'application/json': { schema: toSchema(route.input, 'input') } } } }
      : {}),
    responses: { [route.status ?? 200]: answerOf(route), default: { $ref: '#/components/responses/Problem' } },
  };
}

function answerOf(route: Route) {
  const headers = route.location
    ? { headers: { Location: { description: 'Where to follow it', schema: { type: 'string' } } } }
    : {};
  if (route.status === 204) return { description: 'Done', ...headers };
  return {
    description: route.summary,
    ...headers,
    content: { [route.produces ?? 'application/json']: { schema: toSchema(route.output, 'output') } },
  };
}

function queryParameters(route: Route) {
  if (!route.query) return [];
  const schema = toSchema(route.query, 'input');
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(schema['properties'] ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: property,
  }));
}

/** OpenAPI 3.1 speaks JSON Schema 2020-12, so that the schemas stand as they are. */
function toSchema(schema: z.$ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

/** `getTicketsById` of `GET /api/tickets/{id}`. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/(api\/)?/, '')
    .split(/[/.-]/)
    .filter(Boolean)
    .map((part) => (part.startsWith('{') ? `By${capital(part.slice(1, -1))}` : capital(part)));
  return method.toLowerCase() + (words.length > 0 ? words.join('') : 'Root');
}
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
