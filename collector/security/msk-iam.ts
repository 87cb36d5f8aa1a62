/**
 * # AWS MSK IAM: a signed URL as the token
 *
 * Amazon's signer brings all of its SDK, so it is no dependency: who needs it installs it beside Tidemark, and it is loaded when
 * the first token is needed. It speaks OAUTHBEARER over TLS.
 */

import { z } from "zod";
import { asError } from "../../runtime/error.ts";
import type { MskIamConfig } from "./security-config.ts";
import type { BearerToken } from "./token-keeper.ts";

const PACKAGE = "aws-msk-iam-sasl-signer-js";

export class SignerMissingError extends Error {
  constructor(options: ErrorOptions) {
    super(`mechanism aws-msk-iam needs a package that is not installed: npm install --no-save ${PACKAGE}`, options);
    this.name = "SignerMissingError";
  }
}

export class SignerError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`no token from the AWS signer: ${why}; see the credentials, the role and the region`, options);
    this.name = "SignerError";
  }
}

type Sign = (options: Readonly<Record<string, string>>) => Promise<unknown>;

const isSign = (value: unknown): value is Sign => typeof value === "function";
const Signer = z.object({
  generateAuthToken: z.custom<Sign>(isSign),
  generateAuthTokenFromProfile: z.custom<Sign>(isSign),
  generateAuthTokenFromRole: z.custom<Sign>(isSign),
});
const Signed = z.object({ token: z.string().min(1), expiryTime: z.number() });

export interface MskIamOptions {
  readonly config: MskIamConfig;
  readonly nowMs: () => number;
  /** As `import()`. */
  readonly load?: (name: string) => Promise<unknown>;
  readonly timeoutMs?: number;
}

/** It may ask an instance, a container, or for a role, over the network. */
const TIMEOUT_MS = 20_000;

export async function mskIamToken(options: MskIamOptions): Promise<BearerToken> {
  const { config, nowMs, load = loadPackage, timeoutMs = TIMEOUT_MS } = options;
  const { region, profile, role_arn: role } = config;
  const signer = await loaded(load);
  try {
    const signing =
      role !== undefined
        ? signer.generateAuthTokenFromRole({ region, awsRoleArn: role })
        : profile !== undefined
          ? signer.generateAuthTokenFromProfile({ region, awsProfileName: profile })
          : signer.generateAuthToken({ region });
    const { token, expiryTime } = Signed.parse(await inTime(signing, timeoutMs));
    return { value: token, lifetimeMs: expiryTime - nowMs() };
  } catch (caught) {
    const cause = asError(caught);
    throw new SignerError(cause.message, { cause });
  }
}

/** All connections of a cluster wait for one token: it must not be waited for without end. */
async function inTime(signing: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it does not answer in time")), timeoutMs);
  try {
    return await Promise.race([signing, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function loadPackage(name: string): Promise<unknown> {
  return import(name);
}

async function loaded(load: (name: string) => Promise<unknown>) {
  try {
    return Signer.parse(await load(PACKAGE));
  } catch (caught) {
    throw new SignerMissingError({ cause: asError(caught) });
  }
}
