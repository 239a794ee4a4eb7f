import { fetchOnce } from './fetch-once';
import type { OpenStackAddress } from './openstack';

/** An entry of a port's `allowed_address_pairs`, as Neutron spells it. */
export interface Pair {
  readonly ip_address: string;
  readonly mac_address: string;
}

/** The part of Neutron's port that tests look at. */
export interface Port {
  readonly id: string;
  readonly mac_address: string;
  readonly revision_number: number;
  readonly fixed_ips: readonly { readonly ip_address: string; readonly subnet_id: string }[];
  readonly allowed_address_pairs: readonly Pair[];
  readonly port_security_enabled: boolean;
  readonly security_groups: readonly string[];
  readonly tags: readonly string[];
}

/** Requests that an application credential may make. */
export interface AccessRule {
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

/** What a test wants of a new port. */
export interface PortWish {
  readonly ip?: string;
  readonly pairs?: readonly Partial<Pair>[];
  readonly portSecurity?: boolean;
  readonly deviceId?: string;
  readonly name?: string;
}

/**
 * The administrator of a test's OpenStack, by requests of its own: it judges what the library did, and shares no code
 * with it.
 */
export class OpenStackAdmin {
  public static async login(address: OpenStackAddress): Promise<OpenStackAdmin> {
    const { username: name, password, projectName } = address;
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name, domain, password } } };
    const scope = { project: { name: projectName, domain } };
    const response = await fetchOnce(`${address.authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity, scope } }),
    });
    if (!response.ok)
      throw new Error(`Keystone refused the administrator: ${response.status} ${await response.text()}`);
    const { token } = (await response.json()) as { token: { user: { id: string }; project: { id: string } } };
    return new OpenStackAdmin(address, response.headers.get('x-subject-token')!, token.user.id, token.project.id);
  }

  private constructor(
    public readonly address: OpenStackAddress,
    public readonly token: string,
    private readonly userId: string,
    public readonly projectId: string,
  ) {}

  /** Makes a service of this type findable in a region. */
  public async addToCatalog(type: string, region: string, url: string): Promise<void> {
    const { services } = await this.keystone<{ services: { id: string }[] }>('GET', `/services?type=${type}`);
    const service = services[0] ?? (await this.createService(type));
    const { regions } = await this.keystone<{ regions: { id: string }[] }>('GET', '/regions');
    if (!regions.some(({ id }) => id === region)) await this.keystone('POST', '/regions', { region: { id: region } });
    const endpoint = { service_id: service.id, interface: 'public', region_id: region, url };
    await this.keystone('POST', '/endpoints', { endpoint });
  }

  private async createService(type: string): Promise<{ id: string }> {
    const body = { service: { type, name: type } };
    return (await this.keystone<{ service: { id: string } }>('POST', '/services', body)).service;
  }

  /** An application credential with the administrator's roles, for the requests that the rules name, or all. */
  public async createApplicationCredential(
    name: string,
    rules?: readonly AccessRule[],
  ): Promise<{ id: string; secret: string }> {
    const path = `/users/${this.userId}/application_credentials`;
    const body = { application_credential: { name, ...(rules && { access_rules: rules }) } };
    const answer = await this.keystone<{ application_credential: { id: string; secret: string } }>('POST', path, body);
    return answer.application_credential;
  }

  /** A user with the role `member` in a project of its own. */
  public async createMember(name: string, password: string): Promise<OpenStackAddress> {
    const { project } = await this.keystone<{ project: { id: string } }>('POST', '/projects', {
      project: { name, domain_id: 'default' },
    });
    const { user } = await this.keystone<{ user: { id: string } }>('POST', '/users', {
      user: { name, password, domain_id: 'default' },
    });
    const { roles } = await this.keystone<{ roles: { id: string }[] }>('GET', '/roles?name=member');
    await this.keystone('PUT', `/projects/${project.id}/users/${user.id}/roles/${roles[0]!.id}`);
    return { ...this.address, username: name, password, projectName: name };
  }

  public revoke(token: string): Promise<unknown> {
    return this.keystone('DELETE', '/auth/tokens', undefined, { 'x-subject-token': token });
  }

  /** A network with an IPv4 subnet. */
  public async createNetwork(name: string, cidr: string, options: object = {}): Promise<string> {
    const { network } = await this.neutron<{ network: { id: string } }>('POST', '/networks', {
      network: { name, ...options },
    });
    await this.neutron('POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, cidr, gateway_ip: null },
    });
    return network.id;
  }

  public async createPort(networkId: string, wish: PortWish = {}): Promise<Port> {
    const port = {
      network_id: networkId,
      ...(wish.name && { name: wish.name }),
      ...(wish.ip && { fixed_ips: [{ ip_address: wish.ip }] }),
      ...(wish.pairs && { allowed_address_pairs: wish.pairs }),
      ...(wish.portSecurity === false && { port_security_enabled: false }),
      ...(wish.deviceId && { device_id: wish.deviceId, device_owner: 'compute:nova' }),
    };
    return (await this.neutron<{ port: Port }>('POST', '/ports', { port })).port;
  }

  public async port(id: string): Promise<Port> {
    return (await this.neutron<{ port: Port }>('GET', `/ports/${id}`)).port;
  }

  /** A port's pairs in one spelling and order: `IP MAC`. */
  public async pairs(id: string): Promise<string[]> {
    const { allowed_address_pairs } = await this.port(id);
    return allowed_address_pairs.map((pair) => `${pair.ip_address} ${pair.mac_address}`.toLowerCase()).sort();
  }

  /** Replaces a port's pairs; with a revision only while that is the port's. Returns the HTTP status. */
  public async setPairs(id: string, pairs: readonly Pair[], revision?: number): Promise<number> {
    const response = await this.request(
      'PUT',
      `${this.address.networkUrl}/v2.0/ports/${id}`,
      { port: { allowed_address_pairs: pairs } },
      revision === undefined ? {} : { 'if-match': `revision_number=${revision}` },
    );
    await response.text();
    return response.status;
  }

  /** Takes one address out of a port's pairs, as another writer would that knows of no revisions. */
  public async dropPair(id: string, ip: string): Promise<void> {
    const { allowed_address_pairs } = await this.port(id);
    const kept = allowed_address_pairs.filter((pair) => pair.ip_address !== ip);
    if (kept.length === allowed_address_pairs.length) throw new Error(`port ${id} has no pair for ${ip}`);
    const status = await this.setPairs(id, kept);
    if (status !== 200) throw new Error(`pairs of port ${id}: ${status}`);
  }

  /** Writes members of a port, as another writer would that knows of no revisions. */
  public async setPort(id: string, port: object): Promise<void> {
    await this.neutron('PUT', `/ports/${id}`, { port });
  }

  public async createSecurityGroup(name: string): Promise<string> {
    const body = { security_group: { name } };
    return (await this.neutron<{ security_group: { id: string } }>('POST', '/security-groups', body)).security_group.id;
  }

  public async deletePort(id: string): Promise<void> {
    await this.neutron('DELETE', `/ports/${id}`);
  }

  public neutron<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.json(method, `${this.address.networkUrl}/v2.0${path}`, body);
  }

  public keystone<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    return this.json(method, `${this.address.authUrl}${path}`, body, headers);
  }

  private async json<T>(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const response = await this.request(method, url, body, headers);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  private request(
    method: string,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetchOnce(url, {
      method,
      headers: { 'x-auth-token': this.token, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }
}
