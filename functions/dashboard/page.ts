interface Description {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary?: string }>>>>;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A plain page that says what is true without a key: the desk answers, in this version, with these routes. */
export function statusPage({ info, paths }: Description): string {
  const rows = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { summary }]) => [method.toUpperCase(), path, summary ?? '']),
    )
    .map(
      ([method, path, summary]) =>
        `<tr><td><code>${method} ${escapeHtml(path ?? '')}</code></td><td>${escapeHtml(summary ?? '')}</td></tr>`,
    );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trifold</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
  h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin-top: 2rem }
  table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #d8dee4; padding: .4rem .6rem .4rem 0; vertical-align: top }
  code { font: 14px ui-monospace, monospace } a { color: #0b57d0 }
  @media (prefers-color-scheme: dark) { body { color: #e6e8eb; background: #14171a } td { border-color: #343a40 } a { color: #9ec1ff } }
</style>
<h1>Trifold</h1>
<p>The desk is answering. Version ${escapeHtml(info.version)}.</p>
<p><a href="/health">Health</a> · <a href="/ready">Readiness</a> · <a href="/metrics">Metrics</a> · <a href="/api/openapi.json">API description</a></p>
<h2>What it answers</h2>
<table>${rows.join('\n')}</table>
</html>
`;
}
