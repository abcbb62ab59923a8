import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Where a secret comes from; a terminal can be told not to show what is typed. */
export type SecretSource = Readable & { isTTY?: boolean; setRawMode?: (isRaw: boolean) => unknown };

const ENTER = new Set(['\r', '\n', '\x04']);
const ERASE = new Set(['\x7f', '\b']);
const CTRL_C = '\x03';
const CTRL_U = '\x15';

/**
 * Reads one line: from a terminal without showing it, else as it comes. An argument would stand in the process list and
 * in the shell's history. @throws the signal's reason
 */
export async function readSecret(
  source: SecretSource,
  prompt: { stream: Writable; text: string },
  interruption: AbortSignal,
): Promise<string> {
  if (!source.isTTY || !source.setRawMode) return firstLine(source, interruption);
  // Before the question: whoever pastes at once would still be shown.
  source.setRawMode(true);
  try {
    prompt.stream.write(`${prompt.text} `);
    return await typedLine(source, interruption);
  } finally {
    source.setRawMode(false);
    source.pause();
    prompt.stream.write('\n');
  }
}

async function firstLine(source: Readable, interruption: AbortSignal): Promise<string> {
  const lines = createInterface({ input: source, signal: interruption });
  for await (const line of lines) {
    lines.close();
    return line.trim();
  }
  interruption.throwIfAborted();
  return '';
}

function typedLine(source: Readable, interruption: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const leave = () => {
      source.off('data', take);
      interruption.removeEventListener('abort', giveUp);
    };
    const giveUp = () => {
      leave();
      reject(interruption.reason);
    };
    const take = (chunk: Buffer) => {
      for (const character of chunk.toString('utf8')) {
        if (ENTER.has(character)) {
          leave();
          resolve(typed.join('').trim());
          return;
        }
        // A raw terminal sends no signal of its own.
        if (character === CTRL_C) process.kill(process.pid, 'SIGINT');
        else if (character === CTRL_U) typed = [];
        else if (ERASE.has(character)) typed.pop();
        else if (character >= ' ') typed.push(character);
      }
    };
    source.on('data', take);
    interruption.addEventListener('abort', giveUp, { once: true });
  });
}
