/**
 * # TLS and SASL to a cluster, as they are written in the configuration
 */

import { z } from "zod";
import { isLoopback } from "../../runtime/http/listen.ts";

export const TlsConfig = z
  .strictObject({
    ca_file: z
      .string()
      .optional()
      .meta({ description: "PEM file of the authority that signed the brokers' certificates." }),
    cert_file: z.string().optional().meta({
      description: "PEM file of our certificate, for mutual TLS; all three files are read at each connection.",
    }),
    key_file: z.string().optional().meta({ description: "PEM file of our private key, for mutual TLS." }),
    server_name: z
      .string()
      .optional()
      .meta({ description: "Name expected in the certificate, where it is not the host." }),
  })
  .refine((tls) => (tls.cert_file === undefined) === (tls.key_file === undefined), {
    message: "cert_file and key_file go together",
  });
export type TlsConfig = z.output<typeof TlsConfig>;

const LoginConfig = z
  .strictObject({
    mechanism: z.enum(["plain", "scram-sha-256", "scram-sha-512"]).meta({ description: "A user with a password." }),
    username: z.string().meta({ description: "User name." }),
    password: z.string().optional().meta({ description: "Password; better in a file." }),
    password_file: z
      .string()
      .optional()
      .meta({ description: "File that holds the password; read at each authentication." }),
  })
  .refine((sasl) => (sasl.password === undefined) !== (sasl.password_file === undefined), {
    message: "give one of password_file and password",
  });

/** A secret in the clear is read by everybody between, and one in the URL by everybody who reads why it gave no token. */
function isSafe(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

/** RFC 7628 3.1: what they may consist of, as brokers check it. */
const EXTENSION_NAME = /^(?!auth$)[A-Za-z]+$/;
const EXTENSION_VALUE = /^[\x20-\x7e]+$/;

const OauthBearerConfig = z
  .strictObject({
    mechanism: z
      .literal("oauthbearer")
      .meta({ description: "`oauthbearer`: a token, fetched with client credentials and renewed before it expires." }),
    token_url: z
      .string()
      .refine(isSafe, "must be an https URL, or http on loopback, without a user: the secret is sent there")
      .meta({
        description: "The token endpoint (RFC 6749 4.4).",
      }),
    token_ca_file: z.string().optional().meta({
      description: "PEM file of the authority that signed the token endpoint's certificate; not given: the system's.",
    }),
    client_id: z.string().min(1).meta({ description: "Who we are at the token endpoint." }),
    client_secret: z.string().min(1).optional().meta({ description: "Secret of the client; better in a file." }),
    client_secret_file: z
      .string()
      .optional()
      .meta({ description: "File that holds the client's secret; read each time a token is fetched." }),
    client_auth: z.enum(["header", "body"]).default("header").meta({
      description: "Where the endpoint wants id and secret: in the header (Basic), or in the body.",
    }),
    scope: z.string().optional().meta({ description: "Scopes to ask for, with spaces between." }),
    audience: z.string().optional().meta({ description: "Audience to ask for, where the endpoint wants one." }),
    extensions: z
      .record(z.string().regex(EXTENSION_NAME), z.string().regex(EXTENSION_VALUE))
      .default({})
      .meta({ description: "SASL extensions, such as `logicalCluster` and `identityPoolId`." }),
  })
  .refine((sasl) => (sasl.client_secret === undefined) !== (sasl.client_secret_file === undefined), {
    message: "give one of client_secret_file and client_secret",
  });
export type OauthBearerConfig = z.output<typeof OauthBearerConfig>;

const MskIamConfig = z.strictObject({
  mechanism: z.literal("aws-msk-iam").meta({
    description: "`aws-msk-iam`: AWS credentials from where its SDK finds them; needs a package, docs/security.md.",
  }),
  region: z.string().min(1).meta({ description: "Region of the cluster, such as `eu-central-1`." }),
  profile: z.string().optional().meta({ description: "Profile in the AWS configuration files." }),
  role_arn: z.string().optional().meta({ description: "Role to assume." }),
});
export type MskIamConfig = z.output<typeof MskIamConfig>;

export const SaslConfig = z.discriminatedUnion("mechanism", [LoginConfig, OauthBearerConfig, MskIamConfig]);
export type SaslConfig = z.output<typeof SaslConfig>;
