/**
 * # /v4 as an OpenAPI document
 *
 * OpenAPI 3.1, whose schemas are JSON Schema: made from the schemas that the answers have, with the sentences of the one table of
 * fields. PURE.
 */

import { z } from "zod";
import { DeployName, DeployTold } from "../model/deploy.ts";
import { GroupEvaluation, GroupSummary, PartitionEvaluation } from "../model/evaluation.ts";
import type { Field } from "../model/fields.ts";
import { GROUP_FIELDS, PARTITION_FIELDS } from "../model/fields.ts";
import { GroupStatus } from "../model/status.ts";
import * as answers from "./v4-answers.ts";

type Json = { readonly [key: string]: unknown };

/** By the name they have in the document. */
const SCHEMAS = {
  Problem: answers.Problem,
  Clusters: answers.ClustersAnswer,
  Groups: answers.GroupsAnswer,
  GroupSummary,
  Group: answers.GroupAnswer,
  GroupEvaluation,
  PartitionEvaluation,
  DeployName,
  Deploys: answers.DeploysAnswer,
  Deploy: answers.DeployAnswer,
  DeployLine: z.object({ tick: z.int().nonnegative(), deploy: DeployTold }),
  CursorLine: answers.CursorLine,
  Gone: answers.GoneAnswer,
} as const;
type SchemaName = keyof typeof SCHEMAS;

const SENTENCES: Partial<Record<SchemaName, Readonly<Record<string, Field>>>> = {
  GroupSummary: GROUP_FIELDS,
  Group: GROUP_FIELDS,
  GroupEvaluation: GROUP_FIELDS,
  PartitionEvaluation: PARTITION_FIELDS,
};

export function openApi(version: string): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "Tidemark /v4",
      version,
      description:
        "What Tidemark knows of consumer groups. A value that is not known is absent, never -1, 0 or NaN. Names are percent-encoded once.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "http://127.0.0.1:8000" }],
    security: [{ bearer: [] }, { basic: [] }, {}],
    paths: PATHS,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        basic: { type: "http", scheme: "basic", description: "The token is the password; any user name." },
      },
      schemas: Object.fromEntries(
        Object.entries(SCHEMAS).map(([name, schema]) => [name, described(schema, SENTENCES[name as SchemaName] ?? {})]),
      ),
    },
  };
}

/** Properties of the schema itself get the sentence of the field of their name. */
function described(schema: z.ZodType, sentences: Readonly<Record<string, Field>>): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => void delete jsonSchema.readOnly,
  });
  const properties = Object.entries((json["properties"] ?? {}) as Record<string, Json>).map(([name, property]) => {
    const field = Object.hasOwn(sentences, name) ? sentences[name] : undefined;
    // A group's rows are no count of them, though both are called partitions.
    const fits = field !== undefined && property["type"] !== "array";
    return [name, fits ? { ...property, description: field.sentence } : property];
  });
  return { ...json, properties: Object.fromEntries(properties) };
}

const reference = (name: SchemaName): Json => ({ $ref: `#/components/schemas/${name}` });

function answer(description: string, name: SchemaName, contentType = "application/json"): Json {
  return { description, content: { [contentType]: { schema: reference(name) } } };
}

const PROBLEMS = {
  "401": answer("A token is needed.", "Problem"),
  "404": answer("No such cluster, group or deploy; the message says which.", "Problem"),
} as const;

function parameter(
  name: string,
  where: "path" | "query",
  description: string,
  schema: Json = { type: "string" },
): Json {
  return { name, in: where, required: where === "path", description, schema };
}

const CLUSTER = parameter("cluster", "path", "Its name in the configuration.");
const GROUP = parameter("group", "path", "Any legal name, percent-encoded once; with `id`, anything.");
const GROUP_ID = parameter(
  "id",
  "query",
  "Instead of a name that no path carries (empty, `.`, `..`, very long): the first 16 hex digits of its SHA-256.",
);
const NOT_MODIFIED = { description: "Nothing has changed since the answer with this ETag." };

const PATHS: Json = {
  "/v4/clusters": {
    get: {
      operationId: "listClusters",
      summary: "What each cluster's numbers are worth right now",
      responses: { "200": answer("All clusters.", "Clusters"), "401": PROBLEMS["401"] },
    },
  },
  "/v4/clusters/{cluster}/groups": {
    parameters: [CLUSTER],
    get: {
      operationId: "listGroups",
      summary: "All judged groups, by name",
      parameters: [
        parameter("status", "query", "Those alone that have it.", { type: "string", enum: GroupStatus.options }),
        parameter("topic", "query", "Those alone that read it."),
        parameter("limit", "query", "Groups in an answer.", {
          type: "integer",
          minimum: 1,
          maximum: 10_000,
          default: 1_000,
        }),
        parameter("cursor", "query", "`next` of the page before."),
      ],
      responses: {
        "200": answer("A page of groups.", "Groups"),
        "304": NOT_MODIFIED,
        "400": answer("A parameter is not what it has to be.", "Problem"),
        ...PROBLEMS,
      },
    },
  },
  "/v4/clusters/{cluster}/groups/{group}": {
    parameters: [CLUSTER, GROUP, GROUP_ID],
    get: {
      operationId: "getGroup",
      summary: "One group with a row per partition: numbers of this moment, the verdict of the last tick",
      parameters: [
        parameter("limit", "query", "Partitions in an answer.", {
          type: "integer",
          minimum: 1,
          maximum: 10_000,
          default: 10_000,
        }),
        parameter("cursor", "query", "`next` of the answer before."),
      ],
      responses: {
        "200": answer("The group, with a page of its partitions.", "Group"),
        "304": NOT_MODIFIED,
        "400": answer("A parameter is not what it has to be.", "Problem"),
        ...PROBLEMS,
      },
    },
  },
  "/v4/clusters/{cluster}/groups/{group}/deploys": {
    parameters: [CLUSTER, GROUP, GROUP_ID],
    get: {
      operationId: "listDeploys",
      summary: "The deploys of a group that are kept, newest first",
      responses: {
        "200": answer("All of them, without their offsets.", "Deploys"),
        "503": answer("None are kept: there is no collector.data_dir.", "Problem"),
        ...PROBLEMS,
      },
    },
    post: {
      operationId: "recordDeploy",
      summary: "Keeps the committed offset of each partition, now",
      description: "Needs a token, on loopback, too.",
      security: [{ bearer: [] }, { basic: [] }],
      requestBody: { required: true, content: { "application/json": { schema: reference("DeployName") } } },
      responses: {
        "201": answer("It is on disk.", "Deploy"),
        "400": answer("The body is not a name, and maybe a version.", "Problem"),
        "403": answer("No token is configured.", "Problem"),
        "413": answer("The body is too long.", "Problem"),
        "415": answer("The body is not application/json.", "Problem"),
        "503": answer("No offset of the group is known right now, or there is no collector.data_dir.", "Problem"),
        "507": answer("The disk did not take it.", "Problem"),
        ...PROBLEMS,
      },
    },
  },
  "/v4/clusters/{cluster}/groups/{group}/deploys/{id}": {
    parameters: [CLUSTER, GROUP, GROUP_ID, parameter("id", "path", "As the list has it.")],
    get: {
      operationId: "getDeploy",
      summary: "One deploy with its offsets",
      responses: {
        "200": answer("The deploy.", "Deploy"),
        "503": answer("None are kept: there is no collector.data_dir.", "Problem"),
        ...PROBLEMS,
      },
    },
  },
  "/v4/evaluations": {
    get: {
      operationId: "readFeed",
      summary: "Ticks after a cursor: a line per group and tick, one per deploy, and the cursor to go on from",
      parameters: [
        parameter("after", "query", "The cursor of the answer before; not given: the oldest tick there is."),
        parameter("wait", "query", "Seconds to wait for a tick where there is none.", {
          type: "number",
          minimum: 0,
          maximum: 60,
          default: 0,
        }),
      ],
      responses: {
        "200": {
          description: "NDJSON; each line is one of these, the last a CursorLine.",
          content: {
            "application/x-ndjson": {
              schema: { oneOf: [reference("GroupEvaluation"), reference("DeployLine"), reference("CursorLine")] },
            },
          },
        },
        "400": answer("wait is not a number of seconds.", "Problem"),
        "401": PROBLEMS["401"],
        "410": answer("The cursor is older than what is kept.", "Gone"),
      },
    },
  },
  "/v4/openapi.json": {
    get: {
      operationId: "getOpenApi",
      summary: "This document",
      responses: {
        "200": { description: "OpenAPI 3.1.", content: { "application/json": {} } },
        "401": PROBLEMS["401"],
      },
    },
  },
};
