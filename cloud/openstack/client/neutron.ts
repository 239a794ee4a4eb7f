import type { ListedPair } from '../address-pair-list';
import type { HttpAnswer } from './http';
import { OpenStackError } from './openstack-error';
import { withRetries } from './retry';
import type { Session } from './session';

/** What matters of a port. */
export interface Port {
  readonly id: string;
  readonly name?: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly revision_number?: number;
  readonly port_security_enabled?: boolean;
  readonly allowed_address_pairs: readonly ListedPair[];
}

/**
 * Whether Neutron says that there is no such port, or none that the user sees. Not any 404: a server that stands at a wrong
 * address answers that as well, and a pair there would count as gone.
 */
export function isPortGone(error: unknown): error is OpenStackError {
  return error instanceof OpenStackError && error.status === 404 && error.type === 'PortNotFound';
}

/** The Networking API, as far as it is about ports and their address pairs. @see https://docs.openstack.org/api-ref/network/v2/ */
export class Neutron {
  private guard: Promise<boolean> | undefined;

  public constructor(public readonly session: Session) {}

  /** @throws an `OpenStackError` that is `isPortGone` when there is no such port, or the user does not see it */
  public async port(id: string): Promise<Port> {
    return portOf(await this.get(`/ports/${id}`));
  }

  /** The ports that match, such as `{ device_id: … }`. */
  public async ports(query: Readonly<Record<string, string>>): Promise<readonly Port[]> {
    const { ports } = (await this.get(`/ports?${new URLSearchParams(query)}`)) as { ports: Port[] };
    return ports;
  }

  /** Whether a write can be made to depend on the port's being unchanged. Asked once. */
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

  /**
   * Replaces a port's whole list. One try: what has to be done again begins with reading the port.
   *
   * @param revision the revision that the port still has to be at
   * @returns the port as it is now
   * @throws an `OpenStackError`, of status 412 when the port has changed
   */
  public async putPairs(id: string, pairs: readonly ListedPair[], revision: number | undefined): Promise<Port> {
    const guard: Record<string, string> = revision === undefined ? {} : { 'If-Match': `revision_number=${revision}` };
    const body = { port: { allowed_address_pairs: pairs } };
    const path = `/ports/${id}`;
    const answer = await this.session.send({ service: 'network', method: 'PUT', path, headers: guard, body });
    if (answer.status !== 200) throw neutronError(answer.url, answer);
    return portOf(answer.body);
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
  const { type = '', message = '' } = typeof error === 'string' ? { message: error } : (error ?? {});
  const hint = hintFor(status, type);
  const said = [type, message].filter(Boolean).join(': ');
  return new OpenStackError(
    `${request}: Neutron answered ${status}${said === '' ? '' : ` ${said}`}${hint === '' ? '' : `; ${hint}`}`,
    status,
    type,
  );
}

/** What a user can do about a refusal. */
function hintFor(status: number, type: string): string {
  if (type === 'AllowedAddressPairExhausted') {
    return (
      'the port has as many pairs as the cloud allows (max_allowed_address_pair, 10 unless the operator raised it): take out ' +
      'pairs that nobody needs, let one pair stand for a subnet, or put fewer routers on this node; pairs that the same ' +
      'update takes out go last, so take them out in an update before this one'
    );
  }
  if (type === 'AddressPairAndPortSecurityRequired') {
    return 'port security is off on this port, so every address passes and no pair is needed: leave the port out';
  }
  if (status === 403) {
    return (
      "only the owner of the port's network and administrators may set address pairs (policy update_port:allowed_address_pairs); on a " +
      'shared or provider network, ask who owns it, or use credentials that may'
    );
  }
  if (status === 404 && type !== 'PortNotFound') {
    return (
      'so Neutron does not speak of a port that is gone (PortNotFound): is this the address of the Networking service, of the ' +
      'cloud and region that these credentials are for (openstack catalog show network)?'
    );
  }
  return '';
}
