/**
 * # Secrets of the stack, as scripts/make-secrets writes them
 *
 * A secret that is missing, empty or short ends the start: there is no default for any of them. A folder in its place is what
 * Docker mounts where it makes what is missing.
 */

import { readFileSync } from "node:fs";
import { asError } from "../../runtime/error.ts";

export class SecretFileError extends Error {
  constructor(name: string, why: string, options?: ErrorOptions) {
    super(`secret ${name} ${why}; run scripts/make-secrets, then start the stack again`, options);
    this.name = "SecretFileError";
  }
}

const BYTES_MIN = 16;

/** Of digits and letters alone, so that it can stand in any statement and header. */
export function readPassword(folder: string, name: string): string {
  return checkedPassword(name, readSecret(folder, name));
}

/** Of the account that a file with `Basic ...` is for: the password that Grafana will show. */
export function readBasicPassword(folder: string, name: string): string {
  const header = readSecret(folder, name);
  const pair = Buffer.from(/^Basic (\S+)$/.exec(header)?.[1] ?? "", "base64").toString("utf8");
  const [user, password] = pair.split(":", 2);
  if (user !== "tidemark_grafana" || password === undefined)
    throw new SecretFileError(name, "is not a header `Basic ...` of tidemark_grafana");
  return checkedPassword(name, password);
}

function readSecret(folder: string, name: string): string {
  try {
    return readFileSync(`${folder}/${name}`, "utf8").trim();
  } catch (caught) {
    const cause = asError(caught);
    throw new SecretFileError(name, `cannot be read (${cause.message})`, { cause });
  }
}

function checkedPassword(name: string, password: string): string {
  if (password.length < BYTES_MIN) throw new SecretFileError(name, `is shorter than ${BYTES_MIN} characters`);
  if (!/^[0-9A-Za-z]+$/.test(password)) throw new SecretFileError(name, "has other characters than digits and letters");
  return password;
}
