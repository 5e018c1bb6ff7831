// Lists as files, which `reading.ts` reads to the same accounts.


/** An account that could not be imported or followed: as its file or the site names it, and why, as a sentence. */
/** The header of the column that names the accounts, the first. */
export const ACCOUNT_ADDRESS = "Account address";

export interface FailedAccount {
  account: string;
  reason: string;
}

/** What a spreadsheet takes for the beginning of a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
const FORMULA = /^[=+\-@\t\r\n]/;

/** A field of CSV (RFC 4180). The accounts that are read never begin like a formula, so that the guard changes none. */
function cell(text: string): string {
  const inert = FORMULA.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

const csv = (rows: readonly (readonly string[])[]): string => rows.map((row) => `${row.map(cell).join()}\r\n`).join("");
const named = (handles: readonly string[], host: string): string[] => handles.map((handle) => `${handle}@${host}`);

/** As Mastodon's `following_accounts.csv`; each with the host, so that no other site takes it for somebody of its own. */
export function followingsCsv(handles: readonly string[], host: string): string {
  return csv([[ACCOUNT_ADDRESS], ...named(handles, host).map((account) => [account])]);
}

/** `{"followings": ["handle@host", …]}` */
export function followingsJson(handles: readonly string[], host: string): string {
  return `${JSON.stringify({ followings: named(handles, host) }, null, 2)}\n`;
}

/** With the reasons in a second column, which reading it again leaves aside. */
export function failuresCsv(failures: readonly FailedAccount[]): string {
  // `@handle` and `handle` are the same account, and a formula begins with the former alone.
  return csv([[ACCOUNT_ADDRESS, "Reason"], ...failures.map(({ account, reason }) => [account.trim().replace(/^@(?=\w)/, ""), reason])]);
}
