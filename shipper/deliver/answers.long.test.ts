/** Whatever a store answers, in its long form. */

import { test } from "node:test";
import { longCount } from "../../test/claims/counts.ts";
import { checkAnswers } from "./answers.suite.ts";

const SCRIPTS = longCount("answerScripts");

test(`after ${SCRIPTS} scripts of answers each point is in the store or a dead letter, and told as what it is`, () =>
  checkAnswers(SCRIPTS, Math.floor(Math.random() * 2 ** 32)));
