/**
 * # Judging the content of a case file
 *
 * Each form looks at the content and says undefined where it is not its own; the first that knows it gives the results.
 */

import { z } from "zod";
import { burrowCases } from "./burrow.ts";
import type { CaseResult } from "./case-result.ts";
import { vectorCases } from "./vectors.ts";

type Form = (content: unknown) => readonly CaseResult[] | undefined;

const FORMS: readonly Form[] = [vectorCases, burrowCases];

export type Judged =
  | { readonly kind: "judged"; readonly results: readonly CaseResult[] }
  | { readonly kind: "unreadable"; readonly why: string };

/** `text` is the file's content, or the error that came instead of it. */
export function judgeCases(text: string | Error): Judged {
  if (text instanceof Error) return { kind: "unreadable", why: text.message };
  try {
    const content: unknown = JSON.parse(text);
    for (const form of FORMS) {
      const results = form(content);
      if (results !== undefined) return results.length > 0 ? { kind: "judged", results } : unreadable("holds no case");
    }
    return unreadable("is of no form that is known here");
  } catch (error) {
    if (error instanceof z.ZodError) return unreadable(z.prettifyError(error));
    if (error instanceof SyntaxError) return unreadable(`is not JSON: ${error.message}`);
    throw error;
  }
}

function unreadable(why: string): Judged {
  return { kind: "unreadable", why };
}
