import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchOnce } from './fetch-once';

/** A request on its way to Neutron. */
export interface PassingRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** What proves the user. A test may put another in its place. */
  token: string;
}

/** What a test does at the gate. Each may wait, look, act, or answer instead of Neutron. */
export interface GateKeeper {
  /** Before Neutron sees the request. An answer given here is the client's. */
  before?(request: PassingRequest): Promise<{ status: number } | undefined> | { status: number } | undefined;
  /** After Neutron has answered, and before the client knows. */
  after?(request: PassingRequest, status: number): unknown;
}

/** Stands before the real Neutron: counts the requests, and lets a test act between two of them. */
export class Gate {
  /** What came by, such as `GET /v2.0/ports/…`. */
  public readonly passed: string[] = [];
  public keeper: GateKeeper = {};

  public static async before(networkUrl: string): Promise<Gate> {
    const server = createServer((request, response) => {
      gate.pass(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const gate = new Gate(server, networkUrl);
    return gate;
  }

  private constructor(
    private readonly server: Server,
    private readonly networkUrl: string,
  ) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many writes came by. */
  public get writes(): number {
    return this.passed.filter((request) => request.startsWith('PUT')).length;
  }

  /** Forgets what came by, and stands aside again. */
  public reset(): void {
    this.passed.length = 0;
    this.keeper = {};
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request;
    const passing = { method, path, token: String(request.headers['x-auth-token'] ?? '') };
    this.passed.push(`${method} ${path}`);
    const body = await readAll(request);
    const { keeper } = this;
    const instead = await keeper.before?.(passing);
    if (instead) {
      response.writeHead(instead.status).end();
      return;
    }
    const answer = await fetchOnce(this.networkUrl + path, {
      method,
      headers: { ...forwarded(request), 'x-auth-token': passing.token },
      body: body.length === 0 ? undefined : body,
    });
    const text = await answer.text();
    await keeper.after?.(passing, answer.status);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(text);
  }
}

function forwarded(request: IncomingMessage): Record<string, string> {
  const names = ['content-type', 'accept', 'if-match'];
  return Object.fromEntries(
    names.flatMap((name) => (request.headers[name] ? [[name, String(request.headers[name])]] : [])),
  );
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
