import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { ApiFailure } from './api-failure';
import { LineReader } from './line-reader';

/** Where the API server is, and who asks it. */
export interface ApiAccess {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly authority: string;
  /** The kubelet replaces its content, so it is read for each request. */
  readonly tokenFile: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
  /** @default 'application/json' */
  readonly contentType?: string;
}

/** Where the kubelet puts the access of a pod. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** @throws ApiFailure outside a pod with a token */
export function accessOfPod(environment: Readonly<Record<string, string | undefined>>): ApiAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (host === undefined || port === undefined) throw new ApiFailure('no KUBERNETES_SERVICE_HOST: not in a pod');
  try {
    const authority = readFileSync(`${ACCOUNT}/ca.crt`, 'utf8');
    return { host, port: Number(port), authority, tokenFile: `${ACCOUNT}/token` };
  } catch (error) {
    throw new ApiFailure(`no token of a ServiceAccount: ${(error as Error).message}`);
  }
}

/**
 * Milliseconds for a request and its answer. A connection to a server that has lost power answers nothing, and the next
 * request gets another one.
 */
const ANSWER_MS = 1000;

/** Bytes of an answer, and of a line of a watch: as large as etcd stores. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Milliseconds after which the kernel asks whether a silent server is still there. */
const KEEP_ALIVE_MS = 10_000;

/** Milliseconds for which a watch may be silent; the server ends it before. */
const WATCH_MS = 240_000;

/** Connections for requests: a pod of a pair may have a hundred slices to write at once. */
const MOST_SOCKETS = 8;

/** Asks the API server by kept-alive connections, and by one of its own for each watch. */
export class ApiClient implements Disposable {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS });

  public constructor(private readonly access: ApiAccess) {}

  public [Symbol.dispose](): void {
    this.agent.destroy();
  }

  /**
   * @returns the object of the answer
   * @throws ApiFailure with the status and the server's words
   */
  public ask({ method, path, body, contentType = 'application/json' }: ApiRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        accept: 'application/json',
        ...(text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
      };
      const chunks: Buffer[] = [];
      let bytes = 0;
      const sent = request(this.options(method, path, headers), (answer) => {
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_BYTES) sent.destroy(new ApiFailure(`an answer of more than ${MOST_BYTES} bytes`));
          else chunks.push(chunk);
        });
        answer.on('error', (error) => fail(error));
        answer.on('end', () => {
          clearTimeout(timer);
          try {
            resolve(meaningOf(answer.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')));
          } catch (error) {
            reject(error);
          }
        });
      });
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error instanceof ApiFailure ? error : new ApiFailure(error.message));
      };
      const timer = setTimeout(() => {
        // A request that still waits for a connection may say nothing when it is destroyed.
        fail(new ApiFailure(`no answer within ${ANSWER_MS} ms`));
        sent.destroy();
      }, ANSWER_MS);
      sent.on('error', fail);
      sent.end(text);
    });
  }

  /**
   * Follows a path with `?watch=true`. A watch ends often: the server ends it, or a connection breaks.
   *
   * @param found a line of the watch, decoded
   * @returns ends it
   */
  public watch(path: string, found: (event: unknown) => void, ended: (failure: ApiFailure) => void): () => void {
    let isOver = false;
    const end = (failure: ApiFailure) => {
      if (isOver) return;
      isOver = true;
      sent.destroy();
      ended(failure);
    };
    const options = { ...this.options('GET', path, { accept: 'application/json' }), agent: false as const };
    const sent = request(options, (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume();
        end(new ApiFailure('the watch was refused', answer.statusCode));
        return;
      }
      const lines = new LineReader(MOST_BYTES);
      answer.on('data', (chunk: Buffer) => {
        try {
          for (const line of lines.take(chunk)) if (!isOver) found(JSON.parse(line));
        } catch (error) {
          end(new ApiFailure(`the watch sent a line that is not JSON, or too long: ${(error as Error).message}`));
        }
      });
      answer.on('error', (error) => end(new ApiFailure(error.message)));
      answer.on('end', () => end(new ApiFailure('the watch has ended')));
    });
    sent.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    sent.setTimeout(WATCH_MS, () => end(new ApiFailure(`a watch without a word for ${WATCH_MS} ms`)));
    sent.on('error', (error) => end(new ApiFailure(error.message)));
    sent.end();
    return () => {
      isOver = true;
      sent.destroy();
    };
  }

  private options(method: string, path: string, headers: Record<string, string | number>): RequestOptions {
    const { host, port, authority: ca, tokenFile } = this.access;
    const authorization = `Bearer ${tokenOf(tokenFile)}`;
    return { host, port, ca, agent: this.agent, method, path, headers: { ...headers, authorization } };
  }
}

/** @throws ApiFailure: the kubelet may be replacing it */
function tokenOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ApiFailure(`the token cannot be read: ${(error as Error).message}`);
  }
}

/** @throws ApiFailure unless the status says success */
function meaningOf(status: number, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiFailure('an answer that is not JSON', status);
  }
  if (status >= 200 && status < 300) return value;
  const { message } = value as { message?: unknown };
  throw new ApiFailure(typeof message === 'string' ? message : 'no reason given', status);
}
