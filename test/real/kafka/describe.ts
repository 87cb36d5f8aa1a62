/**
 * # What ConsumerGroupCommand prints, read back
 *
 *   table := header row*
 *   row   := GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID
 * - Columns are padded with blanks and separated by one or more; an unknown value is `-`. A table stands between empty lines;
 *   sentences such as "Consumer group 'x' has no active members." stand before it.
 * - A group name may hold blanks. Topic names, numbers and hosts cannot, so a row is read from its middle outwards; blanks at
 *   the ends of a group name are lost.
 */

export interface DescribedPartition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly currentOffset: number | undefined;
  readonly logEndOffset: number | undefined;
  readonly lag: number | undefined;
  readonly consumerId: string | undefined;
  readonly host: string | undefined;
  readonly clientId: string | undefined;
}

const ROW =
  /^(?<group>.*\S)\s+(?<topic>[A-Za-z0-9._-]+)\s+(?<partition>\d+)\s+(?<committed>-?\d+|-)\s+(?<end>\d+|-)\s+(?<lag>-?\d+|-)\s+(?<consumer>\S.*?)\s+(?<host>\/\S+|-)\s+(?<client>\S.*?)\s*$/;

/** Rows of `--describe --offsets`; a group without any offset has none. */
export function parseDescribed(text: string): readonly DescribedPartition[] {
  return text.split("\n").flatMap((line) => {
    const row = ROW.exec(line)?.groups;
    if (row === undefined) return [];
    return [
      {
        group: row["group"] ?? "",
        topic: row["topic"] ?? "",
        partition: Number(row["partition"]),
        currentOffset: numberOf(row["committed"]),
        logEndOffset: numberOf(row["end"]),
        lag: numberOf(row["lag"]),
        consumerId: textOf(row["consumer"]),
        host: textOf(row["host"]),
        clientId: textOf(row["client"]),
      },
    ];
  });
}

export interface DescribedState {
  readonly group: string;
  readonly state: string;
  readonly members: number;
}

const STATE =
  /^(?<group>.*\S)\s+(?<coordinator>\S+:\d+\s+\(-?\d+\))(?:\s+(?<strategy>\S+))?\s+(?<state>[A-Za-z]+)\s+(?<members>\d+)\s*$/;

/** Rows of `--describe --state`. */
export function parseStates(text: string): readonly DescribedState[] {
  return text.split("\n").flatMap((line) => {
    const row = STATE.exec(line)?.groups;
    if (row === undefined) return [];
    return [{ group: row["group"] ?? "", state: row["state"] ?? "", members: Number(row["members"]) }];
  });
}

function textOf(cell: string | undefined): string | undefined {
  return cell === "-" ? undefined : cell;
}

function numberOf(cell: string | undefined): number | undefined {
  return cell === undefined || cell === "-" ? undefined : Number(cell);
}
