const WRITTEN =
  /^(\d{1,4})([-/.])(\d{1,2}|[A-Za-z]{3})\2(\d{4}|\d{2})(?:([ T]+)(\d{1,2}):(\d\d)(:\d\d)?( ?[AaPp][Mm])?)?$/;

/**
 * The formats of strptime in which a text can be read that is not ISO 8601, the likelier first: two
 * for what could be two days, none for what is no date.
 */
export function timeFormats(text: string): string[] {
  const match = WRITTEN.exec(text.trim());
  if (!match) return [];
  const [, first, sign, second, year, gap, hour, , seconds, half] = match;
  const clock = hour === undefined ? "" : gap + clockOf(seconds, half);
  const date = (order: string[]) => order.join(sign);
  const y = year!.length === 4 ? "%Y" : "%y";
  if (/[A-Za-z]/.test(second!)) return [date(["%d", "%b", y]) + clock];
  const [a, b] = [Number(first), Number(second)];
  const orders = [...(b <= 12 && a <= 31 ? [["%d", "%m", y]] : []), ...(a <= 12 ? [["%m", "%d", y]] : [])];
  return orders.map((order) => date(order) + clock);
}

function clockOf(seconds: string | undefined, half: string | undefined): string {
  const s = seconds === undefined ? "" : ":%S";
  if (half === undefined) return `%H:%M${s}`;
  return `%I:%M${s}${half.startsWith(" ") ? " " : ""}%p`;
}
