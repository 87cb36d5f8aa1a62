/** Whatever a store answers, each point ends in one state; the long form tries many more scripts. */

import { test } from "node:test";
import { COUNTS } from "../../test/claims/counts.ts";
import { checkAnswers } from "./answers.suite.ts";

const { everyChange: SCRIPTS } = COUNTS.answerScripts;

test(`after ${SCRIPTS} scripts of answers each point is in the store or a dead letter, and told as what it is`, () =>
  checkAnswers(SCRIPTS, Math.floor(Math.random() * 2 ** 32)));
