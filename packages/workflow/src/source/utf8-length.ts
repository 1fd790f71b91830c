/** How many bytes a text takes in UTF-8, or anything above `limit` as soon as it is known to be more. */
export function utf8Length(text: string, limit: number = Number.POSITIVE_INFINITY): number {
  if (text.length * 3 <= limit || text.length > limit) return text.length;
  let bytes = 0;
  for (let index = 0; index < text.length && bytes <= limit; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}
