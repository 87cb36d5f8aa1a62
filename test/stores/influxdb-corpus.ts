/**
 * # Requests that any InfluxDB 1.x must answer alike
 *
 * In this order, on a server with one empty database, `tidemark`: the fake and a real one are asked the same, and the class of
 * each answer has to be equal, and after each what is stored.
 */

export interface InfluxCorpusRequest {
  readonly name: string;
  /** Of the address, from the first slash. */
  readonly path: string;
  readonly body: string;
}

/** The servers are started with this limit. */
export const INFLUX_BODY_BYTES_MAX = 100_000;

const AT = "1763726400000";
const INTO = "/write?db=tidemark&precision=ms";

const write = (name: string, body: string, path = INTO): InfluxCorpusRequest => ({ name, path, body });

export const INFLUX_CORPUS: readonly InfluxCorpusRequest[] = [
  write("two new points", `m,g=a lag=1i ${AT}\nm,g=b lag=2i ${AT}`),
  write("the same again", `m,g=a lag=1i ${AT}\nm,g=b lag=2i ${AT}`),
  write("another value of the same point", `m,g=a lag=3i ${AT}`),
  write("another field of the same point", `m,g=a complete=0.5 ${AT}`),
  write("the whole range of integers", `m,g=c lag=9007199254740991i ${AT}\nm,g=d lag=-9007199254740991i ${AT}`),
  write("signs in a tag and in a text", `m,g=a\\,b\\=c\\ d text="a \\"b\\", c=d" ${AT}`),
  write("characters beyond ASCII", `m,g=grün🎉 text="größer" ${AT}`),
  write("a line end after the last line", `m,g=e lag=1i ${AT}\n`),
  write("empty lines", `\nm,g=f lag=1i ${AT}\n\n`),
  write("nothing", ""),
  write("no fields", `m,g=h ${AT}`),
  write("no value", `m,g=h lag= ${AT}`),
  write("a text that does not end", `m,g=h text="abc ${AT}`),
  write("an integer that is none", `m,g=h lag=1.5i ${AT}`),
  write("more than an integer holds", `m,g=h lag=9223372036854775808i ${AT}`),
  write("not a number", `m,g=h complete=NaN ${AT}`),
  write("an empty tag", `m,g= lag=1i ${AT}`),
  write("a time that is none", `m,g=h lag=1i now`),
  write("a line that cannot be read between good ones", `m,g=i lag=1i ${AT}\nm,g=j lag\nm,g=k lag=1i ${AT}`),
  write("a float where integers are", `m,g=l lag=1 ${AT}`),
  write("a text where integers are, between good ones", `m,g=m lag=1i ${AT}\nm,g=n lag="1" ${AT}\nm,g=o lag=1i ${AT}`),
  write("another database", `m,g=p lag=1i ${AT}`, "/write?db=another&precision=ms"),
  write("no database", `m,g=p lag=1i ${AT}`, "/write?precision=ms"),
  write("the way of 2.x", `m,g=p lag=1i ${AT}`, "/api/v2/write?org=o&bucket=tidemark&precision=ms"),
  write("too much", `m,g=q text="${"x".repeat(INFLUX_BODY_BYTES_MAX)}" ${AT}`),
];
