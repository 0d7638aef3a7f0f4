/** What the peer says next, in no vendor's words; each wire turns it into its own. */
export type Line =
  | {
      readonly kind: 'answer';
      /** A value is said as JSON. */
      readonly say: unknown;
      readonly usage?: PeerUsage;
      /** The model stopped at its limit. */
      readonly cut?: boolean;
    }
  | {
      readonly kind: 'call';
      readonly tool: string;
      readonly input: unknown;
      readonly usage?: PeerUsage;
    }
  /** The model declines in words (a `refusal` where the vendor has one). */
  | { readonly kind: 'refusal' }
  /** The vendor's filter stopped the question (`prompt`) or the answer (`answer`). */
  | { readonly kind: 'filter'; readonly what: 'prompt' | 'answer' }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Half of the answer's JSON, as a 200. */
  | { readonly kind: 'truncated' }
  /** The connection is reset without an answer, or in the middle of it. */
  | { readonly kind: 'reset'; readonly midAnswer?: boolean }
  /** The next line, so much later (milliseconds). */
  | { readonly kind: 'slow'; readonly ms: number; readonly next: Line };

/** Tokens as the wires count them: `input` without `cached`, `output` without `thought`. */
export interface PeerUsage {
  readonly input: number;
  readonly cached?: number;
  readonly output: number;
  readonly thought?: number;
}

export const PEER_USAGE: PeerUsage = { input: 100, output: 20 };

/** One request as the peer understood it. */
export interface Heard {
  readonly vendor: 'bedrock' | 'azure-openai' | 'vertex';
  readonly model: string;
  /** How the caller proved itself: `sigv4`, `api-key`, `bearer`. */
  readonly auth: string;
  readonly protocol: 'h2c' | 'http/1.1';
  readonly system: string;
  /** Everything that the conversation says, joined. */
  readonly text: string;
  /** The schema that was demanded, and how. */
  readonly schema?: { readonly how: 'native' | 'tool'; readonly json: unknown };
  readonly tools: readonly string[];
  readonly body: unknown;
  readonly at: number;
}

/** Who says what: lines are used up in order, then `otherwise` is asked. */
export interface Script {
  lines: Line[];
  otherwise: (heard: Heard) => Line;
}

/**
 * A model without any sense: it does what the last "ignore previous instructions" in the conversation wants, wherever
 * that stands. `call TOOL with {json}` calls a tool, `say "…"` says a text (as every string of a demanded form).
 */
export function obedient(heard: Heard): Line {
  const order = heard.text.match(/ignore (?:all |any )?(?:previous|prior|earlier|above) instructions[\s\S]*$/i)?.[0];
  if (!order) return echo(heard);
  const [, tool, json] = /call (\w+) with (\{[\s\S]*?\})(?:[\s."\\]|$)/i.exec(order) ?? [];
  if (tool && heard.tools.includes(tool)) return { kind: 'call', tool, input: parsed(json ?? '{}') };
  const said = /say (?:\\?")([^"\\]+)/i.exec(order)?.[1] ?? order.slice(0, 200);
  return { kind: 'answer', say: heard.schema ? filled(heard.schema.json, said) : said };
}

/** Says what it heard, in the demanded form where there is one. */
export const echo = (heard: Heard): Line => ({
  kind: 'answer',
  say: heard.schema ? filled(heard.schema.json, heard.text.slice(0, 200)) : heard.text,
});

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** The plainest value of a schema, with `text` for every free string. */
export function filled(json: unknown, text: string): unknown {
  const schema = json as Schema; // a schema that the desk sent
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf?.[0]) return filled(schema.anyOf[0], text);
  if (schema.type === 'object')
    return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, filled(one, text)]));
  if (schema.type === 'array') return schema.items ? [filled(schema.items, text)] : [];
  if (schema.type === 'number' || schema.type === 'integer') return 0;
  if (schema.type === 'boolean') return false;
  return schema.type === 'null' ? null : text;
}

function parsed(json: string): unknown {
  const text = json.replaceAll('\\"', '"');
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
