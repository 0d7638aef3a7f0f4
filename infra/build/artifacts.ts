import type { Declaration } from '../../shared/function.ts';
import type { PortName } from '../../shared/ports/index.ts';
import { deriveAzure } from '../derive/azure.ts';
import { openerOf } from './ports.ts';

export const CLOUDS = ['aws', 'azure', 'gcp'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** One deployable thing: the source of its entry, which exists in memory alone, and the files beside its bundle. */
export interface Artifact {
  readonly cloud: Cloud;
  readonly name: string;
  /** Below dist/<cloud>; empty when the cloud has one artifact. */
  readonly folder: string;
  readonly entry: string;
  readonly external: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

type Ports = 'cloud' | 'local';

/** Only development, and Vertex from another cloud, sign in by it; a third of a bundle otherwise (infra/decisions/models.md). */
const DEVELOPMENT = 'google-auth-library';

export function artifactsOf(cloud: Cloud, declarations: readonly Declaration[], ports: Ports): Artifact[] {
  return { aws: awsArtifacts, azure: azureArtifacts, gcp: gcpArtifacts }[cloud](declarations, ports);
}

/** One bundle a function; each trigger is a named export that Lambda's `handler` setting selects. */
function awsArtifacts(declarations: readonly Declaration[], ports: Ports): Artifact[] {
  return declarations.map((declaration) => ({
    cloud: 'aws',
    name: declaration.name,
    folder: declaration.name,
    external: [DEVELOPMENT],
    files: {},
    entry: [
      ...runtimeOf('aws', [declaration], ports, declaration.name),
      `import { lambdaHandlers } from './shared/clouds/aws/host.ts';`,
      'const handlers = lambdaHandlers(runtime, functions[0]);',
      ...Object.keys(declaration.on).map((trigger) => `export const ${trigger} = handlers.${trigger};`),
    ].join('\n'),
  }));
}

/** One function app: the worker loads the bundle once and runs what it registers. */
function azureArtifacts(declarations: readonly Declaration[], ports: Ports): Artifact[] {
  const { registrations } = deriveAzure(declarations);
  const host = {
    version: '2.0',
    extensions: { http: { routePrefix: '' }, serviceBus: { maxConcurrentCalls: 16, autoCompleteMessages: true } },
    functionTimeout: clockTime(Math.max(...declarations.map(({ limits }) => limits.timeoutSeconds))),
  };
  const entry = [
    ...runtimeOf('azure', declarations, ports, 'trifold'),
    `import { registerApp } from './shared/clouds/azure/host.ts';`,
    `registerApp(runtime, functions, ${JSON.stringify(registrations)});`,
  ].join('\n');
  const files = {
    'host.json': json(host),
    'package.json': json({ name: 'trifold', type: 'module', main: 'index.mjs' }),
  };
  return [{ cloud: 'azure', name: 'app', folder: '', external: ['@azure/functions-core', DEVELOPMENT], files, entry }];
}

/** One HTTP service for all routes, and one bundle for the other triggers of each function. */
function gcpArtifacts(declarations: readonly Declaration[], ports: Ports): Artifact[] {
  const kinds = (declaration: Declaration) => Object.entries(declaration.on);
  const fronted = declarations.filter((declaration) => kinds(declaration).some(([, { kind }]) => kind === 'http'));
  const behind = declarations.filter((declaration) => kinds(declaration).some(([, { kind }]) => kind !== 'http'));
  const front = [
    ...runtimeOf('gcp', fronted, ports, 'http'),
    `import { httpFront } from './shared/clouds/gcp/host.ts';`,
    'export const http = httpFront(runtime, functions);',
  ];
  const artifact = (name: string, lines: readonly string[]): Artifact => ({
    cloud: 'gcp',
    name,
    folder: name,
    external: [DEVELOPMENT],
    files: {
      'package.json': json({
        name: `trifold-${name}`,
        type: 'module',
        main: 'index.mjs',
        dependencies: { '@google-cloud/functions-framework': '^5.0.5' },
      }),
    },
    entry: lines.join('\n'),
  });
  return [
    ...(fronted.length > 0 ? [artifact('http', front)] : []),
    ...behind.map((declaration) =>
      artifact(declaration.name, [
        ...runtimeOf('gcp', [declaration], ports, declaration.name),
        `import { eventFunctions } from './shared/clouds/gcp/host.ts';`,
        'const all = eventFunctions(runtime, functions[0]);',
        ...kinds(declaration).flatMap(([trigger, { kind }]) =>
          kind === 'http' ? [] : [`export const ${trigger} = all.${trigger};`],
        ),
      ]),
    ),
  ];
}

/** Lines that make `runtime` and `functions`: just the functions given, with just the ports that they name. */
function runtimeOf(cloud: Cloud, declarations: readonly Declaration[], ports: Ports, service: string): string[] {
  const adapters = ports === 'local' ? 'local' : cloud;
  const used = [...new Set(declarations.flatMap(({ uses }) => uses))].sort();
  const openers = used.flatMap((port: PortName) => {
    const opener = openerOf(port, adapters);
    return opener ? [{ port, ...opener }] : [];
  });
  return [
    ...declarations.flatMap(({ name }, i) => [
      `import * as declared${i} from './functions/${name}/function.ts';`,
      `import { handlers as handlers${i} } from './functions/${name}/handlers.ts';`,
    ]),
    `import { openBase } from './shared/clouds/${adapters}/base.ts';`,
    `import { createRuntime } from './shared/compose.ts';`,
    ...openers.map(({ module, name }) => `import { ${name} } from './${module}';`),
    `const functions = [${declarations.map(({ name }, i) => `{ declaration: declared${i}.${exportName(name)}, handlers: handlers${i} }`).join(', ')}];`,
    `const runtime = createRuntime(openBase(process.env, '${service}', '${cloud}'), { ${openers.map(({ port, name }) => `${port}: ${name}`).join(', ')} });`,
  ];
}

/** `cost-report` is declared as `costReport`. */
export const exportName = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const clockTime = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);
