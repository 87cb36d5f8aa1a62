/**
 * # Is the template that is there ours, and is it as it was when we made it?
 *
 * `_meta.checksum` is of what was put. A server gives settings back as nested texts, so both sides are flattened to
 * `a.b.c: text` first. What then differs was edited by hand, and is not changed without being told to. PURE.
 */

import { shortHash } from "../encode/sha256.ts";
import type { TemplateMeta, TemplateOptions } from "../sink/elasticsearch/template.ts";
import { mappingsOf, metaOf, settingsOf, TEMPLATE_VERSIONS } from "../sink/elasticsearch/template.ts";

export type ProvisionedMeta = TemplateMeta & { readonly checksum: string };

/** What was found on the server; parts that are not there are undefined. */
export interface FoundTemplate {
  readonly meta: Partial<ProvisionedMeta> | undefined;
  readonly mappings: unknown;
  readonly settings: unknown;
}

export type Verdict =
  | { readonly kind: "make" }
  | { readonly kind: "keep" }
  | { readonly kind: "change"; readonly why: string }
  /** Only when told to. */
  | { readonly kind: "edited"; readonly why: string }
  /** Never: another's, or a newer program's. */
  | { readonly kind: "leave"; readonly why: string };

export function provisionedMeta(options: TemplateOptions): ProvisionedMeta {
  const checksum = checksumOf(mappingsOf(options), settingsOf(options));
  return { ...metaOf(options), checksum };
}

export function verdictOn(found: FoundTemplate | undefined, options: TemplateOptions): Verdict {
  if (found === undefined) return { kind: "make" };
  const { meta, mappings, settings } = found;
  if (meta?.managed_by !== "tidemark") return { kind: "leave", why: "it is not one of Tidemark's" };
  const ours = provisionedMeta(options);
  const { version = 0, fields = [], checksum } = meta;
  const foreign = fields.filter((name) => !ours.fields.includes(name));
  if (version > TEMPLATE_VERSIONS[options.contents])
    return { kind: "leave", why: `it is of a newer program: version ${version}` };
  if (foreign.length > 0) return { kind: "leave", why: `it is of a newer program: it has ${foreign.join(", ")}` };
  if (checksumOf(mappings, settings) !== checksum) return { kind: "edited", why: "it was edited by hand" };
  if (checksum === ours.checksum) return { kind: "keep" };
  const added = ours.fields.filter((name) => !fields.includes(name));
  return { kind: "change", why: added.length > 0 ? `it gains ${added.join(", ")}` : "its settings change" };
}

export function checksumOf(mappings: unknown, settings: unknown): string {
  return shortHash(JSON.stringify([flattened(mappings), flattened(settings)]));
}

function flattened(value: unknown): readonly string[] {
  const found: string[] = [];
  const visit = (at: unknown, path: string): void => {
    if (typeof at !== "object" || at === null) found.push(`${path}: ${String(at)}`);
    else for (const [key, below] of Object.entries(at)) visit(below, path === "" ? key : `${path}.${key}`);
  };
  visit(value, "");
  return found.toSorted();
}
