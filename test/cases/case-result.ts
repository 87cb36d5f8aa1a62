/**
 * # The result of one case
 *
 * `failure` is a sentence with what was wanted and what came, or undefined where the case passes.
 */

export interface CaseResult {
  readonly name: string;
  readonly failure: string | undefined;
}
