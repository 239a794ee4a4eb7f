import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type HealthAnswer, type HealthSource, healthAnswer } from './health-answer';
import { mostConnections } from './most-connections';
import { OpenConnections } from './open-connections';
import { ServeError } from './serve-error';
import type { ServeLog } from './serve-log';

export interface HealthServerOptions {
  readonly port: number;
  readonly source: HealthSource;
  readonly log: Pick<ServeLog, 'error'>;
  /** The most connections at a time; by default, as many as leave file descriptors for the checks. */
  readonly most?: number;
}

/** Bytes of a request's head: a probe has 100, a scrape some hundreds. */
const HEAD_BYTES = 8 * 1024;

/** Bytes in flight to one client, so that a slow one costs no copy of the whole text. */
const PIECE_BYTES = 64 * 1024;

/**
 * The health port, on every address of the pod; the LAN cannot reach it (chain `input` of the router's table). Each
 * connection has one request.
 */
export class HealthServer implements Disposable {
  private readonly server: Server;
  private readonly connections: OpenConnections;
  private problem: string | undefined;

  private constructor(private readonly options: HealthServerOptions) {
    this.connections = new OpenConnections(options.most ?? mostConnections());
    this.server = createServer({ maxHeaderSize: HEAD_BYTES }, (request, response) => {
      this.connections.asked(request.socket);
      void this.respond(request, response);
    });
    this.server.on('connection', (socket: Socket) => {
      this.connections.add(socket, performance.now());
      socket.once('close', () => this.connections.remove(socket));
    });
  }

  /** @throws ServeError if the port is in use or not permitted */
  public static async listen(options: HealthServerOptions): Promise<HealthServer> {
    const health = new HealthServer(options);
    try {
      await health.listenOnAll();
      // The kernel may refuse to accept a connection; without a listener, that would end the process.
      health.server.on('error', (error) => health.report(error));
      return health;
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      throw new ServeError(`cannot listen on the health port ${options.port}: ${reason}`);
    }
  }

  /** Closes connections that are too old. To be called once a second. */
  public closeOld(): void {
    this.connections.closeOld(performance.now());
  }

  public [Symbol.dispose](): void {
    // Without waiting for open connections.
    this.server.close();
    this.server.closeAllConnections();
  }

  private async listenOnAll(): Promise<void> {
    try {
      // Also accepts IPv4.
      await this.listenOn('::');
    } catch (error) {
      // A kernel that was started without IPv6 has no such sockets.
      if (FINAL.includes((error as NodeJS.ErrnoException).code)) throw error;
      await this.listenOn('0.0.0.0');
    }
  }

  private listenOn(host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ port: this.options.port, host }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', rawHeaders: headers } = request;
    try {
      const answer = await healthAnswer(this.options.source, { method, target, headers });
      await send(response, answer, method !== 'HEAD');
      this.problem = undefined;
    } catch (error) {
      if (response.destroyed || response.headersSent) return;
      this.report(error);
      response.writeHead(500, { connection: 'close' }).end();
    }
  }

  /** Once for each problem: any client may ask any number of times. */
  private report(error: unknown): void {
    const problem = error instanceof Error ? error.message : String(error);
    if (problem === this.problem) return;
    this.problem = problem;
    this.options.log.error('could not answer on the health port', { error: problem });
  }
}

/** Errors that another address would not avoid. */
const FINAL: readonly unknown[] = ['EADDRINUSE', 'EACCES'];

async function send(response: ServerResponse, { status, headers, body }: HealthAnswer, hasBody: boolean) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { ...headers, 'content-length': bytes.length, connection: 'close' });
  if (hasBody) await pipeline(Readable.from(pieces(bytes)), response);
  else response.end();
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}
