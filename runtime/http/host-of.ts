/**
 * # Who counts as one
 *
 * An IPv4 address, also where it is written inside of IPv6, or the first 64 bits of IPv6, which is what one host has. PURE.
 */

const HEXTETS = 8;
const HEXTETS_OF_HOST = 4;

export function hostOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [before = "", after = ""] = address.split("::", 2);
  const [head, tail] = [before, after].map((part) => part.split(":").filter((hextet) => hextet !== ""));
  if (head === undefined || tail === undefined) return address;
  const zeros = new Array<string>(Math.max(0, HEXTETS - head.length - tail.length)).fill("0");
  return [...head, ...zeros, ...tail].slice(0, HEXTETS_OF_HOST).join(":");
}
