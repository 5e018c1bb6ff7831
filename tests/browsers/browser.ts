// What the tests in other browsers ask of a browser, whatever drives it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

export interface Browser {
  /** Name and version, as the browser tells them. */
  readonly called: string;
  /** Go there, and wait until the page has loaded; `reload` too. */
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Press what this CSS selector finds, with a pointer. */
  press(selector: string): Promise<void>;
  /** The value of an expression in the page; a promise is waited for. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** A browser that this machine may have; `missing` names the Debian packages to install where it has not. */
export interface Kind {
  readonly name: string;
  missing(): string[];
  start(): Promise<Browser>;
}

/** Where a program is; undefined where there is none. */
export function which(program: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    const candidate = path.join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  return undefined;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("port: expected a number");
  return address.port;
}

/** A process beside the test; gone when `end` has returned. */
export function beside(program: string, given: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child: ChildProcess = spawn(program, given, { env, stdio: ["ignore", "ignore", "ignore", "pipe"] });
  return {
    /** What it first says on descriptor 3. */
    async says(): Promise<string> {
      const [said] = (await once(child.stdio[3] as NodeJS.ReadableStream, "data")) as [Buffer];
      return said.toString().trim();
    },
    async end(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

export const PATIENCE_MS = 60_000;

/** Ask again until an answer is the one. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`expected within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
