/** The layer rules of the house, for dependency-cruiser: `npm run check` fails on the first import that breaks one. */
const SDK =
  '(^|/node_modules/|^node_modules/)(@aws-sdk|@aws-lambda-powertools|@smithy|@azure|@google-cloud|@google|googleapis|google-auth-library|@middy|openai|aws-lambda)(/|$)';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule(
      'no-sdk-in-functions',
      'Functions and the domain know no cloud.',
      { path: '^(functions|shared/(domain|ports|pipeline|http|knowledge))/' },
      { path: SDK },
    ),
    rule(
      'declarations-are-data',
      'A declaration imports zod, shared/function and the domain, nothing else.',
      { path: '^functions/[^/]+/function\\.ts$' },
      { pathNot: ['^shared/(function|domain/.+)\\.ts$', '(^|/)node_modules/zod/'] },
    ),
    rule(
      'registry-imports-declarations',
      'The list of functions drags no handler in.',
      { path: '^functions/index\\.ts$' },
      { pathNot: '^functions/[^/]+/function\\.ts$' },
    ),
    rule(
      'clouds-know-no-function',
      'Hosts and adapters serve any function.',
      { path: '^shared/(clouds|providers|models|pipeline|http|ports|domain|knowledge|customers|notifiers|metrics)/' },
      { path: '^functions/' },
    ),
    rule(
      'ports-know-neither',
      'A port knows no adapter, no provider and no function.',
      { path: '^shared/ports/' },
      { path: '^(functions|shared/(clouds|providers))/' },
    ),
    rule(
      'domain-stands-alone',
      'The vocabulary depends on itself and on errors.',
      { path: '^shared/domain/' },
      { path: '^(functions|infra|test|shared/(clouds|providers|pipeline|http|models|cli))/' },
    ),
    rule(
      'functions-stay-apart',
      'One function imports no other; they meet in messages.',
      { path: '^functions/([^/]+)/' },
      { path: '^functions/([^/]+)/', pathNot: '^functions/$1/' },
    ),
    rule(
      'clouds-stay-apart',
      'No adapter imports another cloud.',
      { path: '^shared/clouds/(aws|azure|gcp|local)/' },
      { path: '^shared/clouds/(aws|azure|gcp|local)/', pathNot: '^shared/clouds/$1/' },
    ),
    rule(
      'product-knows-no-test',
      'Nothing that ships imports a test.',
      { path: '^(functions|shared|infra)/' },
      { path: '^test/' },
    ),
    rule(
      'shared-knows-no-infra',
      'What ships is not built on the builder.',
      { path: '^shared/', pathNot: '^shared/cli/' },
      { path: '^infra/' },
    ),
    rule(
      'no-circles',
      'Circles of modules hide what depends on what.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    rule(
      'resolves',
      'An import that resolves to nothing hides a rule.',
      {},
      { couldNotResolve: true, pathNot: '^aws-lambda$' },
    ), // types alone
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
