/**
 * # No point before the template
 *
 * A write to a day that has no index makes one, and without our template its mapping would be guessed from the first point.
 * So the template is read first and again every RECHECK_MS; while it is missing, older than this program, or lacks a field of
 * ours, everything is held. It also says the layout.
 */

import type { Client } from "@elastic/elasticsearch";
import { z } from "zod";
import type { Clock } from "../../../runtime/clock.ts";
import type { IndexLayout } from "../../encode/bulk.ts";
import { outcomeOfAnswer } from "../http/outcome.ts";
import type { WriteOutcome } from "../sink.ts";
import { answerOf } from "./client.ts";
import type { IndexSet } from "./template.ts";
import { FIELDS_NEEDED, TEMPLATE_VERSIONS, templateNames } from "./template.ts";

export type Gate =
  | { readonly kind: "open"; readonly layout: IndexLayout }
  | { readonly kind: "closed"; readonly outcome: WriteOutcome };

const RECHECK_MS = 60_000;

export class NotProvisionedError extends Error {
  constructor(prefix: string, problem: string) {
    super(`index template ${prefix}: ${problem}; run "tidemark provision", nothing is written before`);
    this.name = "NotProvisionedError";
  }
}

const Answer = z.object({
  index_templates: z.array(z.object({ name: z.string(), index_template: z.object({ _meta: z.unknown().optional() }) })),
});

const Meta = z.object({
  managed_by: z.literal("tidemark"),
  version: z.int(),
  layout: z.enum(["time_series", "plain"]),
  fields: z.array(z.string()),
});

interface GateOptions extends IndexSet {
  readonly client: Client;
  readonly clock: Clock;
}

export interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Throws what the transport throws when nobody answers. */
export function createGate({ client, clock, ...set }: GateOptions): (request: Request) => Promise<Gate> {
  let passed: { readonly untilMs: number; readonly gate: Gate } | undefined;
  return async (request) => {
    const nowMs = clock.monotonicMs();
    if (passed !== undefined && nowMs < passed.untilMs) return passed.gate;
    const gate = await look(client, { ...request, set, nowMs: clock.nowMs() });
    passed = gate.kind === "open" ? { untilMs: nowMs + RECHECK_MS, gate } : undefined;
    return gate;
  };
}

async function look(
  client: Client,
  { set, headers, signal, nowMs }: Request & { readonly set: IndexSet; readonly nowMs: number },
): Promise<Gate> {
  try {
    const { index: name } = templateNames(set.prefix);
    return gateOf(set, await client.indices.getIndexTemplate({ name }, { headers, signal }));
  } catch (caught) {
    const answer = answerOf(caught);
    if (answer === undefined) throw caught;
    if (answer.status === 404) return closed(set.prefix, "there is none");
    const hint = answer.status === 403 ? "to read the template takes the cluster privilege monitor" : undefined;
    return { kind: "closed", outcome: outcomeOfAnswer(answer, nowMs, hint) };
  }
}

function gateOf({ prefix, contents }: IndexSet, body: unknown): Gate {
  const answer = Answer.safeParse(body);
  // Whoever answers thus is not Elasticsearch, or its answer was cut.
  if (!answer.success) {
    const text = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
    return { kind: "closed", outcome: outcomeOfAnswer({ status: 200, retryAfter: undefined, text }, 0) };
  }
  const found = answer.data.index_templates.find(({ name }) => name === templateNames(prefix).index);
  if (found === undefined) return closed(prefix, "there is none");
  const meta = Meta.safeParse(found.index_template._meta);
  if (!meta.success) return closed(prefix, "it is not one of Tidemark's");
  const { version, layout, fields } = meta.data;
  const needed = TEMPLATE_VERSIONS[contents];
  if (version < needed) return closed(prefix, `it has version ${version}, and ${needed} is needed`);
  const missing = FIELDS_NEEDED[contents].filter((name) => !fields.includes(name));
  if (missing.length > 0) return closed(prefix, `it lacks ${missing.join(", ")}`);
  return { kind: "open", layout };
}

function closed(prefix: string, problem: string): Gate {
  return { kind: "closed", outcome: { kind: "held", cause: new NotProvisionedError(prefix, problem) } };
}
