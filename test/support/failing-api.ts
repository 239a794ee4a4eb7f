import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiAccess } from '../../cni/kubernetes/api-client';
import { Authority } from './authority';

/** What a server answers; undefined: nothing, as one that stands still. */
export type ApiAnswer = readonly [status: number, body: unknown] | undefined;

/** Refuses, stands still and ends watches as a test wants, which the real API server of test/api-server does not. */
export class FailingApi implements AsyncDisposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-api-'));
  private readonly server: Server;
  /** `GET /path` or `WATCH /path` of each request. */
  public readonly asked: string[] = [];
  /** What the server answers, by method and path. */
  public answer: (method: string, path: string) => ApiAnswer = () => undefined;

  private constructor() {
    const authority = new Authority(this.folder);
    authority.signServer('localhost');
    writeFileSync(join(this.folder, 'token'), 'token');
    const [key, cert] = ['key', 'crt'].map((kind) => readFileSync(authority.path(`localhost.${kind}`)));
    this.server = createServer({ key, cert }, (request, answer) => {
      const { pathname, searchParams } = new URL(request.url!, 'https://localhost');
      const isWatch = searchParams.get('watch') === 'true';
      const method = isWatch ? 'WATCH' : request.method!;
      this.asked.push(`${method} ${pathname}`);
      request.resume();
      const given = this.answer(method, pathname);
      if (given === undefined) return;
      answer.writeHead(given[0], { 'content-type': 'application/json' });
      // A watch is over after its lines.
      answer.end(isWatch && given[0] === 200 ? given[1] : JSON.stringify(given[1]));
    });
  }

  public static async start(): Promise<FailingApi> {
    const api = new FailingApi();
    await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  public get access(): ApiAccess {
    const { port } = this.server.address() as AddressInfo;
    const authority = readFileSync(join(this.folder, 'ca.crt'), 'utf8');
    return { host: 'localhost', port, authority, tokenFile: join(this.folder, 'token') };
  }

  public async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true });
  }
}
