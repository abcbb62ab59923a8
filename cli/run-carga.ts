import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** How a run of the command ended. */
export interface CargaRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** How a test runs the command. */
export interface CargaOptions {
  env?: Record<string, string>;
  /** What stdin holds; empty unless given. */
  input?: string | Uint8Array;
  /** Handed the process, to send it a signal at the right moment. */
  onStart?: (child: ChildProcess) => void;
  cwd?: string;
}

const ENTRY = path.join(import.meta.dirname, 'carga.ts');

/** Runs the real command as a process of its own, for tests; nothing of this environment but PATH reaches it. */
export function runCarga(args: readonly string[], options: CargaOptions = {}): Promise<CargaRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ENTRY, ...args], {
      cwd: options.cwd,
      stdio: 'pipe',
      // Next's types want NODE_ENV in every environment.
      env: { PATH: process.env.PATH, CARGA_LANG: 'en', ...options.env } as unknown as NodeJS.ProcessEnv,
    });
    options.onStart?.(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // A command that fails early does not read its stdin to the end.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}
