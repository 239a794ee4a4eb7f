/**
 * Stands in for Keystone, Neutron and Nova where the real ones cannot be made to do it: answer 500 and 503, be slow,
 * let a token expire within a test, have another writer before every write, lack an extension. What they answer
 * otherwise, and how they spell it, is tested against the real ones.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListedPair } from '../../cloud/openstack/address-pair-list';

export interface StubRequest {
  readonly method: string;
  /** Without the version: `/ports/ID`. */
  readonly path: string;
  readonly token: string | undefined;
  readonly guard: string | undefined;
  readonly body: unknown;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface WrittenPort {
  readonly allowed_address_pairs: ListedPair[];
  readonly security_groups: readonly string[];
}

/** Whether a request is answered otherwise than a Neutron in good health would. */
type Fault = (request: StubRequest, stub: NeutronStub) => Reply | 'silence' | 'cut' | undefined;

export class NeutronStub {
  public readonly requests: StubRequest[] = [];
  public pairs: ListedPair[] = [];
  public revision = 1;
  /** Members of the port, beside id, MAC address, revision and pairs. */
  public members: Record<string, unknown> = {};
  public tags: string[] = [];
  /** Security groups that exist; others are not found. */
  public securityGroups: string[] = [];
  public hasRevisionGuard = true;
  public tokens = 0;
  /** Tokens up to this one have expired. */
  public expired = 0;
  public servers: { id: string; name: string }[] = [];
  public ports: { id: string; network_id: string; device_id?: string }[] = [];
  public fault: Fault = () => undefined;

  private constructor(private readonly server: Server) {}

  public static async start(): Promise<NeutronStub> {
    const server = createServer((request, response) => void stub.handle(request, response));
    const stub = new NeutronStub(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How often something was asked. */
  public count(method: string, path = ''): number {
    return this.requests.filter((request) => request.method === method && request.path.startsWith(path)).length;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const request: StubRequest = {
      method: incoming.method!,
      path: incoming.url!.replace(/^\/(v2\.0|v3|compute)/, ''),
      token: incoming.headers['x-auth-token'] as string | undefined,
      guard: incoming.headers['if-match'],
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    const reply = this.fault(request, this) ?? this.answer(request);
    if (reply === 'silence') return;
    if (reply === 'cut') {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'Content-Type': 'application/json', ...reply.headers });
    response.end(reply.status === 204 ? undefined : JSON.stringify(reply.body ?? {}));
  }

  /** What a Neutron in good health answers. */
  public answer({ method, path, token, guard, body }: StubRequest): Reply {
    if (method === 'POST') return this.newToken();
    if (Number(token) <= this.expired) return { status: 401 };
    if (path.startsWith('/servers')) return { status: 200, body: { servers: this.servers } };
    if (path.startsWith('/extensions/')) return { status: this.hasRevisionGuard ? 200 : 404 };
    if (path.startsWith('/ports?')) return { status: 200, body: { ports: this.portsLike(path) } };
    if (path.startsWith('/security-groups/')) return this.securityGroup(path.split('/').pop()!);
    if (path.includes('/tags/')) return this.changeTag(method, path.split('/').pop()!);
    if (method === 'GET') return { status: 200, body: { port: this.port(path) } };
    if (guard !== undefined && guard !== `revision_number=${this.revision}`)
      return neutronError(412, 'RevisionNumberConstraintFailed');
    const { allowed_address_pairs = this.pairs, ...members } = (body as { port: Partial<WrittenPort> }).port;
    const missing = (members.security_groups ?? []).find((group) => !this.securityGroups.includes(group));
    if (missing !== undefined) return neutronError(404, 'SecurityGroupNotFound');
    Object.assign(this.members, members);
    this.write(allowed_address_pairs);
    return { status: 200, body: { port: this.port(path) } };
  }

  /** As another writer does. */
  public write(pairs: readonly ListedPair[]): void {
    this.pairs = [...pairs];
    this.revision++;
  }

  private changeTag(method: string, tag: string): Reply {
    const isThere = this.tags.includes(decodeURIComponent(tag));
    if (method === 'DELETE' && !isThere) return neutronError(404, 'TagNotFound');
    this.tags = this.tags.filter((one) => one !== decodeURIComponent(tag));
    if (method === 'PUT') this.tags.push(decodeURIComponent(tag));
    this.revision++;
    return method === 'DELETE' ? { status: 204 } : { status: 201 };
  }

  private securityGroup(id: string): Reply {
    if (!this.securityGroups.includes(id)) return neutronError(404, 'SecurityGroupNotFound');
    return { status: 200, body: { security_group: { id } } };
  }

  private newToken(): Reply {
    const endpoints = [{ interface: 'public', region_id: 'RegionOne', url: this.url }];
    const compute = endpoints.map((endpoint) => ({ ...endpoint, url: `${this.url}/compute` }));
    const catalog = [
      { type: 'network', endpoints },
      { type: 'compute', endpoints: compute },
    ];
    return { status: 201, headers: { 'X-Subject-Token': String(++this.tokens) }, body: { token: { catalog } } };
  }

  private portsLike(path: string) {
    const query = new URLSearchParams(path.slice(path.indexOf('?')));
    const [device, network] = [query.get('device_id'), query.get('network_id')];
    return this.ports.filter(
      (port) => (device === null || port.device_id === device) && (network === null || port.network_id === network),
    );
  }

  private port(path: string) {
    return {
      id: path.split('/').pop(),
      mac_address: 'fa:16:3e:00:00:01',
      revision_number: this.revision,
      allowed_address_pairs: this.pairs,
      tags: this.tags,
      ...this.members,
    };
  }
}

export function neutronError(status: number, type: string, message = ''): Reply {
  return { status, body: { NeutronError: { type, message, detail: '' } } };
}
