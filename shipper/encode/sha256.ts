/** SHA-256, of which the first 128 bits are kept: as short as can be and still never the same for two texts. */

import { createHash } from "node:crypto";

const KEPT_BYTES = 16;

/** 22 characters of base64url. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest().subarray(0, KEPT_BYTES).toString("base64url");
}
