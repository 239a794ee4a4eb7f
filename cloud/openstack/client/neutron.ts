import type { ListedPair } from '../address-pair-list';
import type { HttpAnswer } from './http';
import { OpenStackError } from './openstack-error';
import { OVN_WAY_OUT } from './ovn';
import { withRetries } from './retry';
import { serverText } from './server-text';
import type { Session } from './session';

/** The members of a port in use here. */
export interface Port {
  readonly id: string;
  readonly name?: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly revision_number?: number;
  readonly port_security_enabled?: boolean;
  readonly security_groups?: readonly string[];
  readonly tags?: readonly string[];
  /** Only administrators see it, unless the cloud's policy says otherwise. */
  readonly 'binding:vif_details'?: { readonly bound_drivers?: Readonly<Record<string, string>> };
  readonly allowed_address_pairs: readonly ListedPair[];
}

/**
 * The part of the Networking API for ports and their address pairs. @see https://docs.openstack.org/api-ref/network/v2/
 */
export class Neutron {
  private guard: Promise<boolean> | undefined;

  public constructor(public readonly session: Session) {}

  /** @throws an `OpenStackError` that is `isPortGone` if the port does not exist or is not visible to the user */
  public async port(id: string): Promise<Port> {
    return portOf(await this.get(`/ports/${id}`));
  }

  /** The ports that match, such as `{ device_id: … }`. */
  public async ports(query: Readonly<Record<string, string>>): Promise<readonly Port[]> {
    const { ports } = (await this.get(`/ports?${new URLSearchParams(query)}`)) as { ports: Port[] };
    return ports;
  }

  /** Whether writes can depend on the port's revision. Requested once. */
  public hasRevisionGuard(): Promise<boolean> {
    this.guard ??= this.get('/extensions/revision-if-match').then(
      () => true,
      (error) => {
        if (error instanceof OpenStackError && error.status === 404) return false;
        this.guard = undefined;
        throw error;
      },
    );
    return this.guard;
  }

  /** Replaces a port's whole list, as `putPort`. */
  public putPairs(id: string, pairs: readonly ListedPair[], revision: number | undefined): Promise<Port> {
    return this.putPort(id, { allowed_address_pairs: pairs }, revision);
  }

  /**
   * Writes members of a port. Does not retry: a retry has to read the port again.
   *
   * @param revision the expected revision of the port
   * @returns the port after the change
   * @throws an `OpenStackError`, of status 412 if the port has changed
   */
  public async putPort(id: string, port: Partial<Port>, revision: number | undefined): Promise<Port> {
    const guard: Record<string, string> = revision === undefined ? {} : { 'If-Match': `revision_number=${revision}` };
    const path = `/ports/${id}`;
    const answer = await this.session.send({ service: 'network', method: 'PUT', path, headers: guard, body: { port } });
    if (answer.status !== 200) throw neutronError(answer.url, answer);
    return portOf(answer.body);
  }

  /** Adds a tag to a port, or does nothing if the port has it. */
  public tag(id: string, tag: string): Promise<void> {
    return this.changeTag('PUT', id, tag);
  }

  /** Removes a tag of a port, if the port has it. */
  public untag(id: string, tag: string): Promise<void> {
    return this.changeTag('DELETE', id, tag);
  }

  /** Whether a security group exists and the user sees it. */
  public async hasSecurityGroup(id: string): Promise<boolean> {
    try {
      await this.get(`/security-groups/${id}`);
      return true;
    } catch (error) {
      if (error instanceof OpenStackError && error.type === 'SecurityGroupNotFound') return false;
      throw error;
    }
  }

  private changeTag(method: 'PUT' | 'DELETE', id: string, tag: string): Promise<void> {
    const path = `/ports/${id}/tags/${encodeURIComponent(tag)}`;
    return withRetries(async () => {
      const answer = await this.session.send({ service: 'network', method, path });
      const error = answer.status < 300 ? undefined : neutronError(answer.url, answer);
      if (error !== undefined && !(method === 'DELETE' && error.type === 'TagNotFound')) throw error;
    }, this.session.patience);
  }

  private get(path: string): Promise<unknown> {
    return withRetries(async () => {
      const answer = await this.session.send({ service: 'network', method: 'GET', path });
      if (answer.status !== 200) throw neutronError(answer.url, answer);
      return answer.body;
    }, this.session.patience);
  }
}

function portOf(body: unknown): Port {
  const { port } = body as { port: Port };
  return { ...port, allowed_address_pairs: port.allowed_address_pairs ?? [] };
}

function neutronError(request: string, { status, body }: HttpAnswer): OpenStackError {
  const error = (body as { NeutronError?: { type?: string; message?: string } | string } | undefined)?.NeutronError;
  const { type: givenType, message: givenMessage } = typeof error === 'string' ? { message: error } : (error ?? {});
  const [type, message] = [serverText(givenType), serverText(givenMessage)];
  const hint = hintFor(status, type);
  const answer = [type, message].filter(Boolean).join(': ');
  return new OpenStackError(
    `${request}: Neutron answered ${status}${answer === '' ? '' : ` ${answer}`}${hint === '' ? '' : `; ${hint}`}`,
    status,
    type,
  );
}

/** What a user can do about a rejected request. */
function hintFor(status: number, type: string): string {
  if (type === 'AllowedAddressPairExhausted') {
    return (
      'the port has as many pairs as the cloud allows (max_allowed_address_pair, default 10): remove unused ' +
      'pairs, use one pair for a subnet, or put fewer routers on this node; an update removes pairs last, so remove ' +
      'them in an earlier update'
    );
  }
  if (type === 'AddressPairAndPortSecurityRequired') {
    return (
      'port security is off on this port, so every address passes without a pair: omit the port, or destroy the ' +
      'resource that switched it off in an earlier update'
    );
  }
  if (type === 'InvalidVirtualMACAddress') return `this cloud's backend is ML2/OVN: ${OVN_WAY_OUT}`;
  if (status === 403) {
    return (
      "only the owner of the port's network and administrators may set address pairs and port security (policies " +
      'update_port:allowed_address_pairs and update_port:port_security_enabled); on a shared or provider network, ask who ' +
      'owns it, or use credentials that may'
    );
  }
  if (status === 404 && type !== 'PortNotFound') {
    return (
      "so this is not Neutron's answer for a deleted port (PortNotFound): is this the address of the Networking service, in the " +
      'cloud and region that these credentials are for (openstack catalog show network)?'
    );
  }
  return '';
}
