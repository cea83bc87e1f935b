// Programs under test as child processes: started, waited for by a line they print, ended with all their children.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');
const STOP_MS = 20_000;

export class Program {
  private text = '';
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;

  constructor(path: string, args: string[]) {
    const file = join(ROOT, path);
    if (!existsSync(file)) throw new Error(`${path} is missing: run ./build --demo`);
    this.process = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout!.on('data', (bytes: Buffer) => (this.text += bytes.toString()));
    this.process.stderr!.on('data', (bytes: Buffer) => (this.text += bytes.toString()));
    this.ended = new Promise((done) => this.process.once('exit', () => done()));
  }

  /** The rest of the first line that starts so. */
  async line(start: string, limitMs = 60_000): Promise<string> {
    const until = Date.now() + limitMs;
    for (;;) {
      const found = this.text.split('\n').find((line) => line.startsWith(start));
      if (found !== undefined && this.text.includes(`${found}\n`)) return found.slice(start.length).trim();
      if (this.process.exitCode !== null || Date.now() > until) throw new Error(`No line "${start}…" from ${this.process.spawnfile}. It said:\n${this.text}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Asks it to stop, as Ctrl-C does, and waits. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null) this.process.kill('SIGINT');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

export interface Waymark {
  /** Address of the UI and API, without a slash at the end. */
  url: string;
  otlp: string;
  /** Stops the server and keeps its data; {@link resume} starts it again at the same addresses. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Stops the server for good. */
  stop(): Promise<void>;
}

/** A server with its own data folder, gone at the end. */
export async function startWaymark(...options: string[]): Promise<Waymark> {
  const data = mkdtempSync(join(tmpdir(), 'waymark-journey-'));
  const serve = (http: string, otlp: string) =>
    new Program('artifacts/waymark/waymark', ['serve', '--data', data, '--http', http, '--otlp-http', otlp, '--otlp-grpc', '127.0.0.1:0', ...options]);
  let program = serve('127.0.0.1:0', '127.0.0.1:0');
  const url = await program.line('listening http ');
  const otlp = await program.line('listening otlp-http ');
  return {
    url,
    otlp,
    pause: () => program.stop(),
    resume: async () => {
      program = serve(new URL(url).host, new URL(otlp).host);
      await program.line('listening http ');
    },
    stop: async () => {
      await program.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export interface Demo {
  shop: string;
  url: string;
  stop(): Promise<void>;
}

/** The sample shop with its own server and no simulated customers. */
export async function startDemo(): Promise<Demo> {
  const program = new Program('artifacts/samples/checkout/Checkout.Demo', [
    '--demo', '--http', '127.0.0.1:0', '--otlp-http', '127.0.0.1:0', '--otlp-grpc', '127.0.0.1:0', '--demo-rate', '0', '--demo-release-after', 'never',
  ]);
  const shop = await program.line('listening shop ');
  const url = await program.line('listening waymark ');
  return { shop, url, stop: () => program.stop() };
}
