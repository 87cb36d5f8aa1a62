/**
 * # Api: one request and its response, in the versions we speak
 *
 * A body stands alone: the request header (version 1) is the sender's. Flexible versions carry a tag section in both headers;
 * the codecs write the request's as the first byte of the body and skip the response's at the start of the payload, so that
 * callers see one contract for all versions. Layouts: `clients/src/main/resources/common/message` of apache/kafka.
 */

import { type Decoded, decoded } from "./decode-error.ts";
import { type Reader, readerOf, readTags } from "./reader.ts";
import { createWriter, type Writer, writeTags, written } from "./writer.ts";

export interface Api<Request, Response> {
  readonly apiKey: number;
  readonly name: string;
  readonly versions: { readonly min: number; readonly max: number };
  encode(version: number, request: Request): Buffer;
  /** `payload` follows the correlation id. Errors of single topics, partitions and groups are part of the response. */
  decode(version: number, payload: Buffer): Decoded<Response>;
}

interface Layouts<Request, Response> {
  readonly apiKey: number;
  readonly name: string;
  readonly versions: { readonly min: number; readonly max: number };
  /** First version with compact lengths and tags; undefined where we speak none. */
  readonly flexibleSince: number | undefined;
  readonly request: (writer: Writer, version: number, request: Request) => void;
  readonly response: (reader: Reader, version: number) => Response;
}

export function apiOf<Request, Response>(layouts: Layouts<Request, Response>): Api<Request, Response> {
  const { apiKey, name, versions, flexibleSince = Number.POSITIVE_INFINITY } = layouts;
  return {
    apiKey,
    name,
    versions,
    encode(version, request) {
      const writer = createWriter(version >= flexibleSince);
      writeTags(writer);
      layouts.request(writer, version, request);
      return written(writer);
    },
    decode(version, payload) {
      return decoded(() => {
        const reader = readerOf(payload, {
          what: `${name} v${version} response`,
          flexible: version >= flexibleSince,
        });
        readTags(reader);
        return layouts.response(reader, version);
      });
    },
  };
}
