import { once } from 'node:events';
import { join } from 'node:path';
import type { ProcessPlace } from './process-place';

const PROGRAMS = join(__dirname, 'programs');

/** What a server saw, or why there was no answer: an error's code, or `timeout`. */
export type Reply =
  | { readonly peer: string; readonly port: number; readonly bytes: number; readonly error?: undefined }
  | { readonly error: string; readonly peer?: undefined };

/** A service of an echo server: `tcp 203.0.113.26 80`. */
export type Service = `${'tcp' | 'udp'} ${string} ${number}`;

/** Starts a server that tells its clients who they are. It ends with its namespace, or when `kill` is called. */
export async function startEcho(namespace: ProcessPlace, ...services: Service[]): Promise<{ kill(): void }> {
  const words = services.flatMap((service) => service.split(' '));
  const child = namespace.start([process.execPath, join(PROGRAMS, 'echo-server.mjs'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const [outcome] = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
  if (String(outcome) !== 'ready\n')
    throw new Error(`the echo server of ${namespace.name} did not start: ${complaint}`);
  return { kill: () => child.kill('SIGKILL') };
}

export interface RequestOptions {
  /** Length of what is sent. */
  readonly bytes?: number;
  readonly milliseconds?: number;
  /** Milliseconds between a TCP connection's first byte and the rest. */
  readonly pause?: number;
  readonly sourcePort?: number;
}

/** Asks an echo server. The answer says whom the server saw. */
export async function ask(namespace: ProcessPlace, service: Service, options: RequestOptions = {}): Promise<Reply> {
  const { bytes = 4, milliseconds = 3000, pause = 0, sourcePort = 0 } = options;
  const numbers = [bytes, milliseconds, pause, sourcePort].map(String);
  const child = namespace.start([process.execPath, join(PROGRAMS, 'request.mjs'), ...service.split(' '), ...numbers], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'close');
  return JSON.parse(text) as Reply;
}
