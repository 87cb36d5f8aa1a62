/**
 * # Tests of a response in all its versions
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Api } from "./api.ts";
import { createWriter, type Writer, writeRaw, written } from "./writer.ts";

/** Writes a response in every version the api speaks, and checks what is read against `want`. */
export function eachVersion<Request, Response>(
  api: Api<Request, Response>,
  flexibleSince: number,
  write: (writer: Writer, version: number) => void,
  want: (version: number) => unknown,
): void {
  for (let version = api.versions.min; version <= api.versions.max; version++) {
    test(`${api.name} v${version} is read, and not read when cut off`, () => {
      const writer = createWriter(version >= flexibleSince);
      if (version >= flexibleSince) writeRaw(writer, Buffer.from("0105020000", "hex")); // a header with a tag in it
      write(writer, version);
      const bytes = written(writer);
      const got = api.decode(version, bytes);
      assert.ok(got.kind === "decoded", got.kind === "malformed" ? got.error.message : "");
      assert.deepEqual(got.value, want(version));
      assert.equal(api.decode(version, bytes.subarray(0, bytes.length - 3)).kind, "malformed");
    });
  }
}

/** Tags that we do not know, to be passed over. */
export function writeTagsUnknown(writer: Writer): void {
  if (writer.flexible) writeRaw(writer, Buffer.from("01090101", "hex"));
}
