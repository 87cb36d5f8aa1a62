/**
 * # Which names are in: exact names, patterns and regular expressions
 *
 *     filter  := rule*                          in: what matches a rule without "!", or there is none such, and none with "!"
 *     rule    := "!"? (expression | pattern)    "!" leaves out what matches
 *     expression := "/" RE2 syntax "/"          found anywhere in the name, unless it says "^" or "$"
 *     pattern                                   the whole name, as in name-pattern.ts; without "*" and "?" an exact name
 *
 * Names come from strangers, and rules from whoever writes configurations: an expression takes time that grows with the name alone
 * (https://github.com/google/re2/wiki/Syntax), so that no name holds up the process. What needs backtracking is refused.
 */

import { RE2JS } from "re2js";
import { asError } from "./error.ts";
import { matchesName } from "./name-pattern.ts";

export const RULE_CHARACTERS_MAX = 1_000;
/** Names come again and again, so answers are kept. */
const ANSWERS_MAX = 100_000;

export interface NameFilter {
  isIn(name: string): boolean;
  /**
   * True where `next` takes in a name that this filter has left out, as far as anybody has asked; also where too many were
   * asked to remember.
   */
  isWidenedBy(next: NameFilter): boolean;
}

/** What is wrong with a rule, in words; undefined: nothing. */
export function problemOfRule(rule: string): string | undefined {
  if (rule.length > RULE_CHARACTERS_MAX) return `must have at most ${RULE_CHARACTERS_MAX} characters`;
  const text = textOf(rule);
  if (text === "") return "must name something";
  const expression = expressionOf(text);
  if (expression === undefined) return undefined;
  if (/\(\?<?[=!]/.test(expression) || /\\[1-9]/.test(expression))
    return `${text} is refused: no lookaround and no references back, since they can take time without end; "!" in front of a rule leaves out what matches`;
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (caught) {
    return `${text} is no regular expression in RE2's syntax: ${asError(caught).message}`;
  }
}

/** Every rule is sound. */
export function createNameFilter(rules: readonly string[]): NameFilter {
  const out = rules.filter((rule) => rule.startsWith("!")).map(matcherOf);
  const into = rules.filter((rule) => !rule.startsWith("!")).map(matcherOf);
  const judge = (name: string): boolean =>
    (into.length === 0 || into.some((matches) => matches(name))) && !out.some((matches) => matches(name));
  const answers = new Map<string, boolean>();
  let isWhole = true;
  return {
    isIn: (name) => {
      const known = answers.get(name);
      if (known !== undefined) return known;
      if (answers.size >= ANSWERS_MAX) {
        answers.clear();
        isWhole = false;
      }
      const answer = judge(name);
      answers.set(name, answer);
      return answer;
    },
    isWidenedBy: (next) => !isWhole || answers.entries().some(([name, isIn]) => !isIn && next.isIn(name)),
  };
}

function textOf(rule: string): string {
  return rule.startsWith("!") ? rule.slice(1) : rule;
}

function expressionOf(text: string): string | undefined {
  return text.length > 2 && text.startsWith("/") && text.endsWith("/") ? text.slice(1, -1) : undefined;
}

function matcherOf(rule: string): (name: string) => boolean {
  const text = textOf(rule);
  const expression = expressionOf(text);
  if (expression === undefined) return (name) => matchesName(text, name);
  const compiled = RE2JS.compile(expression);
  return (name) => compiled.test(name);
}
