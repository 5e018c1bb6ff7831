// How values look in words: addresses, counts, days, times.

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "medium" });
const clockTime = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `0x803F…2664`. */
export function shortAddress(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}

/** `1,284 followers`. */
export function followers(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "follower" : "followers"}`;
}

/** `23 December`, or `2 January 2027` where that is another year than now; from milliseconds. */
export function dayOf(ms: number, now: number = Date.now()): string {
  return (new Date(ms).getFullYear() === new Date(now).getFullYear() ? day : dayOfYear).format(ms);
}

/** Of the year 9999, where calendars of computers end. */
const LAST_MS = 253_402_300_799_999;

/** A time as the site's own pages write it (`webapp/web/rendering/times.py`), in UTC: `27 Nov 2026`, `27 Nov 2026, 07:46:16 UTC`, and for `<time datetime>`. */
export function moment(ms: number): { day: string; exact: string; machine: string } {
  const at = new Date(Math.min(ms, LAST_MS));
  const [, date = "", month = "", year = "", time = ""] = at.toUTCString().split(" ");
  const day = `${Number(date)} ${month} ${Number(year)}`;
  return { day, exact: `${day}, ${time} UTC`, machine: at.toISOString().replace(/\.\d+Z$/, "Z") };
}

/** Date and time to the second, from milliseconds. */
export function exactTime(ms: number): string {
  return exact.format(ms);
}

/** `14:03:22`, from milliseconds. */
export function timeOfDay(ms: number): string {
  return clockTime.format(ms);
}

/** `2 days ago`, `in 30 days`, `now`: from and to milliseconds. */
export function relativeTime(ms: number, now: number): string {
  const seconds = (ms - now) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return Math.abs(seconds) < 10 ? "now" : relative.format(Math.round(seconds), "second");
}

/** A wait as people tell it: `less than a second`, `about 8 seconds`, `about 2 minutes`, `about 3 hours`. */
export function roughly(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 1) return "less than a second";
  const [n, unit] = seconds < 60 ? [seconds, "second"] : seconds < 3_570 ? [Math.round(seconds / 60), "minute"] : [Math.round(seconds / 3_600), "hour"];
  return `about ${n} ${unit}${n === 1 ? "" : "s"}`;
}

/** For those who measure: `12 ms`, `1.4 s`, `2 min`. */
export function duration(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
