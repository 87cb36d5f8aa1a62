/** The signer as a stand-in: which of its ways is asked, and what is said where it is not there, or refuses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mskIamToken } from "./msk-iam.ts";

const config = { mechanism: "aws-msk-iam", region: "eu-central-1" } as const;
const nowMs = (): number => 1_000_000;

function signer() {
  const asked: string[] = [];
  const sign = (name: string) => async (options: object) => {
    asked.push(`${name} ${JSON.stringify(options)}`);
    return { token: "signed", expiryTime: 1_900_000 };
  };
  const names = ["generateAuthToken", "generateAuthTokenFromProfile", "generateAuthTokenFromRole"];
  const load = async () => Object.fromEntries(names.map((name) => [name, sign(name)]));
  return { asked, load };
}

test("the token of the signer is taken with what is left of its life", async () => {
  const { asked, load } = signer();
  assert.deepEqual(await mskIamToken({ config, nowMs, load }), { value: "signed", lifetimeMs: 900_000 });
  await mskIamToken({ config: { ...config, profile: "watch" }, nowMs, load });
  await mskIamToken({ config: { ...config, role_arn: "arn:aws:iam::1:role/r" }, nowMs, load });
  assert.deepEqual(asked, [
    'generateAuthToken {"region":"eu-central-1"}',
    'generateAuthTokenFromProfile {"region":"eu-central-1","awsProfileName":"watch"}',
    'generateAuthTokenFromRole {"region":"eu-central-1","awsRoleArn":"arn:aws:iam::1:role/r"}',
  ]);
});

test("a package that is not there is said with the command that installs it", async () => {
  const missing = (name: string): Promise<unknown> => import(`${name}-is-not-there`);
  await assert.rejects(
    mskIamToken({ config, nowMs, load: missing }),
    /needs a package that is not installed: npm install .*aws-msk-iam-sasl-signer-js$/,
  );
  await assert.rejects(mskIamToken({ config, nowMs, load: async () => ({ other: 1 }) }), /not installed/);
});

test("credentials that the signer does not find are said in its words", async () => {
  const load = async () => ({
    ...(await signer().load()),
    generateAuthToken: async () => {
      throw new Error("Could not load credentials from any providers");
    },
  });
  await assert.rejects(
    mskIamToken({ config, nowMs, load }),
    /no token from the AWS signer: Could not load credentials/,
  );
});

test("a signer that never answers is not waited for without end", async () => {
  const load = async () => ({ ...(await signer().load()), generateAuthToken: () => new Promise(() => {}) });
  await assert.rejects(
    mskIamToken({ config, nowMs, load, timeoutMs: 1 }),
    /no token from the AWS signer: it does not answer in time/,
  );
});
