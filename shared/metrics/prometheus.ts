import type { Family } from './catalog.ts';
import type { Collected, Distribution } from './metric.ts';

/**
 * A snapshot as Prometheus text, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). The
 * names are the product's own: a counter has no `_total` unless it was promised so.
 */
export function toPrometheus(snapshot: readonly Collected[]): string {
  const lines: string[] = [];
  for (const { family, samples, distributions } of snapshot) {
    lines.push(`# HELP ${family.name} ${escapeHelp(family.help)}`, `# TYPE ${family.name} ${family.kind}`);
    for (const { labels, value } of samples) lines.push(`${family.name}{${pairs(family, labels)}} ${value}`);
    for (const distribution of distributions) pushHistogram(lines, family, distribution);
  }
  return `${lines.join('\n')}\n`;
}

function pushHistogram(lines: string[], family: Family, { labels, counts, count, sum }: Distribution): void {
  const own = pairs(family, labels);
  let below = 0;
  family.buckets.forEach((bound, i) => {
    below += counts[i] ?? 0;
    lines.push(`${family.name}_bucket{${own},le="${bound}"} ${below}`);
  });
  lines.push(`${family.name}_bucket{${own},le="+Inf"} ${count}`);
  lines.push(`${family.name}_sum{${own}} ${sum}`, `${family.name}_count{${own}} ${count}`);
}

const pairs = (family: Family, values: readonly string[]): string =>
  family.labels.map((name, i) => `${name}="${escapeLabel(values[i] ?? '')}"`).join(',');

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (value: string): string => escapeHelp(value).replaceAll('"', '\\"');
