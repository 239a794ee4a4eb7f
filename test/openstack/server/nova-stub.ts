import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The one request of Nova's that nodes are looked up by: servers by name, which is a regular expression and matches a
 * part.
 *
 * Not the real one: it needs Placement, Glance, a message queue and a hypervisor before it has a server to show.
 */
export class NovaStub {
  public static async start(servers: readonly { readonly id: string; readonly name: string }[]): Promise<NovaStub> {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://nova');
      const isKnown = request.method === 'GET' && pathname === '/v2.1/servers';
      const found = servers.filter(({ name }) => new RegExp(searchParams.get('name') ?? '').test(name));
      response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ servers: found }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new NovaStub(server);
  }

  private constructor(private readonly server: Server) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v2.1`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
