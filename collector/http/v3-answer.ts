/**
 * # Burrow's answers: the frame of every body
 *
 * JSON as Go writes it, with the request at the end; `request.url` is the decoded path, `request.host` this machine's name.
 */

import { hostname } from "node:os";
import type { HttpAnswer, HttpRequest } from "../../runtime/http/answer.ts";
import { textAnswer } from "../../runtime/http/answer.ts";
import { burrowJson } from "./burrow-json.ts";

export function success(request: HttpRequest, message: string, body: object = {}): HttpAnswer {
  return framed(200, { error: false, message, ...body, request: requestOf(request) });
}

/** Of the configuration's lists, which have the request before the rest. */
export function configSuccess(request: HttpRequest, message: string, body: object): HttpAnswer {
  return framed(200, { error: false, message, request: requestOf(request), ...body });
}

export function failure(request: HttpRequest, status: number, message: string): HttpAnswer {
  return framed(status, { error: true, message, request: requestOf(request) });
}

/** Burrow's own oddity: a missing group is 404 with "error": false and a whole status. */
export function notFoundStatus(request: HttpRequest, status: object): HttpAnswer {
  const message = "consumer status returned";
  return framed(404, { error: false, message, status, request: requestOf(request) });
}

export function unknownPath(): HttpAnswer {
  return textAnswer(404, '{"error":true,"message":"invalid request type","result":{}}\n');
}

const HOST = hostname();

function requestOf({ path }: HttpRequest) {
  return { url: `/${path.join("/")}`, host: HOST };
}

function framed(status: number, body: object): HttpAnswer {
  return { status, contentType: "application/json", body: burrowJson(body) };
}
