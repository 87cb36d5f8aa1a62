/**
 * # Which collector is asked, and about whom
 *
 * `--url` and `--token-file`; where there is no `--url`, what the configuration says of the collector: where the shipper
 * reads from, or else where the collector listens.
 */

import { secretFromFile } from "../../runtime/secret.ts";
import { ownUrlOf, readConfig } from "../config.ts";
import type { CollectorAsked } from "./collector-client.ts";

export interface AskedFlags {
  readonly cluster?: string | undefined;
  readonly config?: string | undefined;
  readonly group?: string | undefined;
  readonly "token-file"?: string | undefined;
  readonly url?: string | undefined;
}

/** A text where the words of the command line are not enough; throws ConfigError. */
export function askedOf(flags: AskedFlags, configFile: string): CollectorAsked | string {
  const { cluster, group, url } = flags;
  if (group === undefined) return "--group is needed";
  const tokenFile = flags["token-file"];
  const given = { cluster, group };
  if (url !== undefined)
    return { ...given, url, token: tokenFile === undefined ? undefined : secretFromFile(tokenFile) };
  const { collector, shipper } = readConfig(flags.config ?? configFile, process.env);
  const own = { url: ownUrlOf(collector), file: collector.token_file };
  const asked = shipper.from === undefined ? own : { url: shipper.from, file: shipper.from_token_file };
  const file = tokenFile ?? asked.file;
  return { ...given, url: asked.url, token: file === undefined ? undefined : secretFromFile(file) };
}
