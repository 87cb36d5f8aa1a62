/**
 * # A finding: what one look at the world said
 *
 * `warn` is nothing that stops us, and worth to be known; `fail` is something that will not work as it is. What is not ok says
 * what to do about it. A detail never holds a secret.
 */

export interface Finding {
  readonly level: "ok" | "warn" | "fail";
  /** What was looked at, such as "brokers". */
  readonly what: string;
  readonly detail: string;
  readonly remedy?: string;
}

export function ok(what: string, detail: string): Finding {
  return { level: "ok", what, detail };
}

export function warn(what: string, detail: string, remedy: string): Finding {
  return { level: "warn", what, detail, remedy };
}

export function fail(what: string, detail: string, remedy: string): Finding {
  return { level: "fail", what, detail, remedy };
}
