/**
 * # Whole days that go by themselves, on OpenSearch
 *
 *     GET, PUT /_plugins/_ism/policies/{prefix}      its Index State Management, by its public documentation
 *     policy := hot --min_index_age--> delete, for indices that are made as {prefix}-* from then on
 *
 * A policy has no place to say whose it is but its description. To change one takes the numbers of the one that was read, and it
 * counts for days that are made afterwards; those that are there go by our own daily delete.
 */

import type { Asked, Store } from "./ask.ts";
import { ask } from "./ask.ts";
import type { ProvisionLine, ProvisionMode } from "./line.ts";

export type FoundPolicy =
  /** The server does not know the path. */
  { readonly kind: "unknown" } | { readonly kind: "none" } | { readonly kind: "found"; readonly body: unknown };

const OURS = "managed_by: tidemark";
/** Above a policy for every index, as some make one. */
const PRIORITY = 501;

export async function findStatePolicy(store: Store): Promise<FoundPolicy> {
  const { status, body } = await ask(store, { method: "GET", path: pathOf(store.prefix) });
  if (status === 200) return { kind: "found", body };
  return status === 404 && /policy not found/i.test(JSON.stringify(body)) ? { kind: "none" } : { kind: "unknown" };
}

/** Undefined where the server has no such thing. */
export async function provisionStatePolicy(
  store: Store,
  minAge: string,
  { dryRun }: ProvisionMode,
): Promise<ProvisionLine | undefined> {
  const found = await findStatePolicy(store);
  const what = `state management policy ${store.prefix}`;
  const detail = `days go ${minAge} after they were made`;
  if (found.kind === "unknown") return undefined;
  const path = pathOf(store.prefix);
  const body = policyOf(store.prefix, minAge);
  if (found.kind === "none") {
    if (!dryRun) must(await ask(store, { method: "PUT", path, body }));
    return { kind: "made", what, detail };
  }
  const { policy, _seq_no: seqNo, _primary_term: primaryTerm } = found.body as FoundBody;
  if (policy?.description !== OURS) return { kind: "left", what, detail: "it is not one of Tidemark's" };
  if (JSON.stringify(policy.states).includes(`"min_index_age":"${minAge}"`)) return { kind: "kept", what, detail };
  const change = `${path}?if_seq_no=${seqNo}&if_primary_term=${primaryTerm}`;
  if (!dryRun) must(await ask(store, { method: "PUT", path: change, body }));
  return { kind: "changed", what, detail: `${detail}, those that are made from now on` };
}

interface FoundBody {
  readonly policy?: { readonly description?: unknown; readonly states?: unknown };
  readonly _seq_no?: unknown;
  readonly _primary_term?: unknown;
}

function pathOf(prefix: string): string {
  return `/_plugins/_ism/policies/${prefix}`;
}

function policyOf(prefix: string, minAge: string) {
  const afterwards = { state_name: "delete", conditions: { min_index_age: minAge } };
  return {
    policy: {
      description: OURS,
      default_state: "hot",
      states: [
        { name: "hot", actions: [], transitions: [afterwards] },
        { name: "delete", actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: [`${prefix}-*`], priority: PRIORITY }],
    },
  };
}

function must({ status, body }: Asked): void {
  if (status !== 200 && status !== 201)
    throw new Error(`the state management policy is refused: ${status}: ${JSON.stringify(body).slice(0, BODY_CHARS)}`);
}

const BODY_CHARS = 300;
