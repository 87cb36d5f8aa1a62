/**
 * # Texts: UTF-8, and bytes that are none
 *
 *   text   := what UTF-8 says, where the bytes are UTF-8 and it holds nothing that looks like an escape
 *   else   := characters as UTF-8 says, escape for each byte that belongs to none, and for each byte of U+FFFD itself
 *   escape := U+FFFD, two hex digits of the byte
 *
 * A decoder that puts U+FFFD for whatever it does not know gives two names one text. Here different bytes are different texts, and
 * each text leads back to its bytes.
 */

const UNKNOWN = "\uFFFD";
const ESCAPE = /\uFFFD[0-9a-f]{2}/;

/** The bytes from `start` to before `end`. Three parameters because a range would be an object for each of very many names. */
export function textOfBytes(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  return text.includes(UNKNOWN) ? textOfUnknown(bytes.subarray(start, end), text) : text;
}

/** Some byte of the text's was no UTF-8, or the text looks as if. */
export function isEscaped(text: string): boolean {
  return text.includes(UNKNOWN) && ESCAPE.test(text);
}

export function bytesOfText(text: string): Buffer {
  if (!isEscaped(text)) return Buffer.from(text);
  const parts = text.split(/(\uFFFD[0-9a-f]{2})/);
  return Buffer.concat(
    parts.map((part) => (isEscaped(part) ? Buffer.from(part.slice(UNKNOWN.length), "hex") : Buffer.from(part))),
  );
}

function textOfUnknown(bytes: Buffer, text: string): string {
  if (!ESCAPE.test(text) && Buffer.from(text).equals(bytes)) return text;
  let escaped = "";
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    if (character === undefined) {
      escaped += UNKNOWN + bytes.toString("hex", at, at + 1);
      at += 1;
    } else {
      escaped += character;
      at += Buffer.byteLength(character);
    }
  }
  return escaped;
}

/** undefined where no character of UTF-8 begins, and for U+FFFD. */
function characterAt(bytes: Buffer, at: number): string | undefined {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const character = bytes.toString("utf8", at, at + length);
  return character.includes(UNKNOWN) ? undefined : character;
}
