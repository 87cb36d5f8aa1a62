/**
 * # The files that a configuration names: can they be read, and by whom else
 *
 * Every key that ends in `_file`, wherever it stands. What is in a secret's file is kept, to be taken out of whatever is said.
 */

import { readFile, stat } from "node:fs/promises";
import { asError } from "../../runtime/error.ts";
import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import type { Config } from "../config.ts";

export interface ExaminedFiles {
  readonly findings: readonly Finding[];
  /** Takes every secret of the configuration out of a text. */
  readonly redact: (text: string) => string;
}

interface NamedFile {
  /** Of its key, such as `sinks.es.api_key_file`. */
  readonly path: string;
  readonly file: string;
}

export async function examineFiles(config: Config): Promise<ExaminedFiles> {
  const { files, passwords } = filesIn(config, "");
  const examined = await Promise.all(files.map(examineFile));
  const secrets = [...passwords, ...examined.flatMap(({ secret }) => secret ?? [])];
  const bad = examined.flatMap(({ finding }) => finding ?? []);
  const all = files.length === 0 ? [] : [ok("files", `${files.length - bad.length} of ${files.length} can be read`)];
  return { findings: [...all, ...bad], redact: (text) => redacted(text, secrets) };
}

interface Found {
  readonly files: readonly NamedFile[];
  readonly passwords: readonly string[];
}

function filesIn(tree: object, path: string): Found {
  const found = Object.entries(tree).map(([key, value]): Found => {
    const at = path === "" ? key : `${path}.${key}`;
    if (typeof value === "object" && value !== null) return filesIn(value, at);
    if (typeof value !== "string") return { files: [], passwords: [] };
    if (key === "password" || key === "client_secret") return { files: [], passwords: [value] };
    return { files: key.endsWith("_file") ? [{ path: at, file: value }] : [], passwords: [] };
  });
  return { files: found.flatMap(({ files }) => files), passwords: found.flatMap(({ passwords }) => passwords) };
}

/** PEM files of certificates are no secrets. */
const PUBLIC = /[._](ca|cert)_file$/;
const READABLE_BY_ALL = 0o004;

async function examineFile({
  path,
  file,
}: NamedFile): Promise<{ readonly finding?: Finding; readonly secret?: string }> {
  try {
    const text = (await readFile(file, "utf8")).trim();
    const isPublic = PUBLIC.test(path) || text.startsWith("-----BEGIN CERTIFICATE");
    const secret = isPublic ? {} : { secret: text };
    if (text === "") return { finding: fail(path, `${file} is empty`, "put the secret into it") };
    const { mode } = await stat(file);
    if (isPublic || (mode & READABLE_BY_ALL) === 0) return secret;
    return {
      ...secret,
      finding: warn(path, `${file} can be read by every user of this machine`, `chmod o-rwx ${file}`),
    };
  } catch (caught) {
    const remedy = "mend the path, or let the user that runs Tidemark read it";
    return { finding: fail(path, `${file} cannot be read: ${asError(caught).message}`, remedy) };
  }
}

/** What is shorter would take letters out of common words. */
const SECRET_CHARS_MIN = 4;

function redacted(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (left, secret) => (secret.length < SECRET_CHARS_MIN ? left : left.replaceAll(secret, "[redacted]")),
    text,
  );
}
