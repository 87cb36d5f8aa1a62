/**
 * # ListGroups (16), versions 0 to 5
 *
 *     request   states(4) types(5): those asked for, whatever their case; empty: all
 *     answer    throttle(1) error groups [group protocol_type state(4) type(5)]
 *
 * A broker lists the groups that it coordinates. One that is still loading lists none, and no error says so.
 */

import type { GroupView } from "../../cluster/cluster.ts";
import { writeArray, writeInt16, writeInt32, writeTags, writeText } from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, BrokerContext } from "../api.ts";
import { coordinatorOf, faultCode, isGroupDenied } from "../api.ts";
import { ERROR } from "../errors.ts";
import { readArray, readString, skipTags } from "../request-reader.ts";

export const listGroupsApi: Api = {
  key: 16,
  name: "ListGroups",
  flexibleFrom: 3,
  handle: ({ version, request, answer, context, throttleMs }) => {
    const states = version >= 4 ? lowerCase(readArray(request, () => readString(request))) : [];
    const types = version >= 5 ? lowerCase(readArray(request, () => readString(request))) : [];
    skipTags(request);
    const error = faultCode(context, "ListGroups");
    const isAsked = ({ state, type }: GroupView): boolean =>
      (states.length === 0 || states.includes(state.toLowerCase())) && (types.length === 0 || types.includes(type));
    const groups = error === ERROR.none ? coordinated(context).filter(isAsked) : [];

    if (version >= 1) writeInt32(answer, throttleMs);
    writeInt16(answer, error);
    writeArray(answer, groups, (_, { group, protocolType, state, type }) => {
      writeText(answer, group);
      writeText(answer, protocolType);
      if (version >= 4) writeText(answer, state);
      if (version >= 5) writeText(answer, type);
      writeTags(answer);
    });
    writeTags(answer);
  },
};

function lowerCase(words: readonly string[]): readonly string[] {
  return words.map((word) => word.toLowerCase());
}

function coordinated(context: BrokerContext): readonly GroupView[] {
  const { broker, view, faults } = context;
  if (faults.find("loading", (one) => one.broker === broker) !== undefined) return [];
  return [...view.groups()].filter(
    ({ group }) => coordinatorOf(view, group) === broker && !isGroupDenied(context, group),
  );
}
