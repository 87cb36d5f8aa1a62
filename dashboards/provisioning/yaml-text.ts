/** # YAML as it is committed: a sentence on top, then the document, lines never folded */

import { stringify } from "yaml";
import type { JsonObject } from "../query/backend.ts";

export function yamlText(head: readonly string[], document: JsonObject): string {
  return `${head.map((line) => `# ${line}\n`).join("")}${stringify(document, { lineWidth: 0 })}`;
}
