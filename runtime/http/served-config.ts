/**
 * # Who may ask a process, and how much: options of whatever listens
 */

import { z } from "zod";
import { ServerTls } from "./tls.ts";
import { REQUESTS_PER_SECOND_DEFAULT } from "./token-bucket.ts";

export const SERVED_SHAPE = {
  token_file: z.string().optional().meta({ description: "File with the token that a client has to show." }),
  insecure: z.boolean().default(false).meta({ description: "Serve other machines without a token." }),
  tls: ServerTls.optional(),
  requests_per_second: z.int().min(1).default(REQUESTS_PER_SECOND_DEFAULT).meta({
    description:
      "Requests of one address, over ten seconds; each 64 KiB of an answer counts as one more. Who asks for more gets 429.",
  }),
} as const;
