/**
 * # Listeners with SASL, TLS or both
 *
 * The plain listener stays for the broker itself and for Kafka's tools, so the oracle needs no secrets; the product under
 * test is pointed at these. Keys and certificates stand in the broker's properties themselves.
 */

type Properties = Readonly<Record<string, string>>;

export interface SecuredListener {
  /** In capitals, as in `listeners`. */
  readonly name: string;
  readonly protocol: "SSL" | "SASL_SSL" | "SASL_PLAINTEXT";
  /** What holds for this listener alone. */
  readonly properties: Properties;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** For the broker's file: each property under the name of its listener. */
export function securedProperties(listeners: readonly SecuredListener[]): Properties {
  const entries = listeners.flatMap(({ name, properties }) =>
    Object.entries(properties).map(([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value] as const),
  );
  return Object.fromEntries(entries);
}

const SCRAM = ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

/** SCRAM users exist only in the cluster's metadata: they are made when the log folder is formatted. */
export function formatArguments(users: readonly Login[]): readonly string[] {
  return users.flatMap(({ username, password }) =>
    SCRAM.flatMap((mechanism) => ["--add-scram", `${mechanism}=[name=${username},password=${password}]`]),
  );
}

export interface Tls {
  readonly key: string;
  readonly cert: string;
  /** Clients have to show a certificate of these authorities. */
  readonly trusted?: string;
}

export function tlsProperties({ key, cert, trusted }: Tls): Properties {
  const client = { "ssl.client.auth": "required", "ssl.truststore.type": "PEM" };
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.key": oneLine(key),
    "ssl.keystore.certificate.chain": oneLine(cert),
    ...(trusted === undefined ? {} : { ...client, "ssl.truststore.certificates": oneLine(trusted) }),
  };
}

/** As Java's properties write a text of several lines. */
function oneLine(pem: string): string {
  return pem.trim().replaceAll("\n", "\\n");
}

export interface Accounts {
  readonly plain?: readonly Login[];
  readonly scram?: boolean;
  /** Tokens are taken, as the properties of the whole broker say. */
  readonly bearer?: boolean;
}

const MODULES = "org.apache.kafka.common.security";
const VALIDATOR = `${MODULES}.oauthbearer.OAuthBearerValidatorCallbackHandler`;

export function saslProperties({ plain = [], scram = false, bearer = false }: Accounts): Properties {
  const users = plain.map(({ username, password }) => ` user_${username}="${password}"`).join("");
  const scramLogins = SCRAM.map((mechanism) => [
    `${mechanism.toLowerCase()}.sasl.jaas.config`,
    `${MODULES}.scram.ScramLoginModule required;`,
  ]);
  const enabled = [...(plain.length > 0 ? ["PLAIN"] : []), ...(scram ? SCRAM : []), ...(bearer ? ["OAUTHBEARER"] : [])];
  return {
    "sasl.enabled.mechanisms": enabled.join(","),
    ...(plain.length > 0 ? { "plain.sasl.jaas.config": `${MODULES}.plain.PlainLoginModule required${users};` } : {}),
    ...(scram ? Object.fromEntries(scramLogins) : {}),
    ...(bearer
      ? {
          "oauthbearer.sasl.jaas.config": `${MODULES}.oauthbearer.OAuthBearerLoginModule required;`,
          "oauthbearer.sasl.server.callback.handler.class": VALIDATOR,
        }
      : {}),
  };
}
