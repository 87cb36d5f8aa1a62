/** Files of certificates that change while we run: what fits is taken, what does not leaves the ones before in use. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import { otherHost, selfSigned } from "../../test/stores/certificate.ts";
import { createCertificates } from "./certificates.ts";

const dir = mkdtempSync(join(tmpdir(), "certificates-"));
after(() => rmSync(dir, { recursive: true }));

const [first, second] = [selfSigned(), otherHost()];

function stage() {
  const files = { ca_file: join(dir, "ca.pem"), cert_file: join(dir, "our.pem"), key_file: join(dir, "our.key") };
  const write = (pair: { readonly cert?: string; readonly key?: string; readonly ca?: string }): void => {
    if (pair.cert !== undefined) writeFileSync(files.cert_file, pair.cert);
    if (pair.key !== undefined) writeFileSync(files.key_file, pair.key);
    if (pair.ca !== undefined) writeFileSync(files.ca_file, pair.ca);
  };
  write({ ...first, ca: first.cert });
  const said: string[] = [];
  const say = ({ event }: { readonly event: string }): void => void said.push(event);
  const logger = { info: say, warn: say };
  return { files, write, said, certificates: createCertificates(files, logger) };
}

test("a renewed pair counts at the next connection, and half of one does not, which is said once", () => {
  const { write, said, certificates } = stage();
  assert.equal(certificates.current().cert, first.cert);
  write({ cert: second.cert });
  assert.equal(certificates.current().cert, first.cert);
  assert.equal(certificates.current().key, first.key);
  assert.deepEqual(said, ["kafka.certificates-kept"]);
  write({ key: second.key });
  assert.deepEqual([certificates.current().cert, certificates.current().key], [second.cert, second.key]);
  assert.deepEqual(said, ["kafka.certificates-kept", "kafka.certificates-renewed"]);
});

const torn: readonly (readonly [name: string, torn: Parameters<ReturnType<typeof stage>["write"]>[0], why: RegExp])[] =
  [
    ["a certificate that is cut off", { cert: second.cert.slice(0, 200) }, /our\.pem holds no certificate that can be/],
    ["an empty key", { key: "" }, /our\.key is not the key of .*our\.pem/],
    ["the key of another certificate", { key: second.key }, /our\.key is not the key of .*our\.pem/],
    ["an authority that is none", { ca: "-----BEGIN NOTHING-----" }, /ca\.pem holds no certificate that can be read/],
  ];
for (const [name, broken, why] of torn) {
  test(`${name} leaves the ones before in use; at a start it is said as what it is`, () => {
    const { files, write, certificates } = stage();
    const before = certificates.current();
    write(broken);
    assert.deepEqual(certificates.current(), before);
    const atStart = createCertificates(files, createLogger("silent"));
    assert.throws(
      () => atStart.current(),
      (error: Error) => {
        assert.match(error.message, why);
        assert.doesNotMatch(error.message, /PRIVATE KEY/);
        return true;
      },
    );
    assert.equal(atStart.own(), undefined);
  });
}

test("a file that is gone leaves the ones before in use", () => {
  const { files, said, certificates } = stage();
  certificates.current();
  rmSync(files.key_file);
  assert.equal(certificates.current().key, first.key);
  assert.deepEqual(said, ["kafka.certificates-kept"]);
});

test("ours is named as Kafka names a principal", () => {
  const own = stage().certificates.own();
  assert.equal(own?.subject, "CN=localhost");
  assert.ok(own !== undefined && own.validToMs > Date.now());
});
