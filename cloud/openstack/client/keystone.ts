import type { Credentials } from './credentials';
import { type HttpAnswer, send } from './http';
import type { KeystoneIdentity } from './identity';
import { OpenStackError } from './openstack-error';
import { type Patience, withRetries } from './retry';

/** A token and its catalog of services. */
export interface Token {
  /** Empty on a cloud without Keystone. */
  readonly id: string;
  readonly catalog: readonly CatalogEntry[];
}

interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly Endpoint[];
}

interface Endpoint {
  readonly interface: string;
  readonly region_id?: string;
  readonly region?: string;
  readonly url: string;
}

/** A service of the catalog, by its type. */
export type Service = 'network' | 'compute';

/**
 * Gets a token.
 *
 * @throws an `OpenStackError` if Keystone rejects the credentials or does not answer
 * @see https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
 */
export async function authenticate(
  identity: KeystoneIdentity,
  { source, ca }: Credentials,
  patience: Patience,
): Promise<Token> {
  const url = `${identity.authUrl}/auth/tokens`;
  const { method, scope } = identity;
  const body = { auth: { identity: method, ...(scope !== undefined && { scope }) } };
  return withRetries(async () => {
    const answer = await send({ method: 'POST', url, body, ca }, patience.requestTimeout);
    const id = answer.headers['x-subject-token'];
    if (answer.status !== 201 || typeof id !== 'string') throw refusal(url, answer, source);
    const { token } = answer.body as { token?: { catalog?: CatalogEntry[] } };
    return { id, catalog: token?.catalog ?? [] };
  }, patience);
}

/** Possible reasons: Keystone gives none, so as not to help attackers. */
const HINTS: Readonly<Record<number, string>> = {
  401: ' (a wrong secret, a user that is disabled or not in the project, or an application credential that has expired or was deleted)',
  404: ' (is auth_url the address of Keystone?)',
};

function refusal(url: string, { status, body }: HttpAnswer, source: string): OpenStackError {
  const reason = (body as { error?: { message?: string } } | undefined)?.error?.message ?? 'no reason given';
  const hint = HINTS[status] ?? '';
  return new OpenStackError(
    `POST ${url}: Keystone answered ${status} to the credentials of ${source}: ${reason}${hint}`,
    status,
  );
}

/**
 * The address of a service.
 *
 * @throws an error that names the available endpoints
 */
export function endpointOf(service: Service, { catalog }: Token, credentials: Credentials): string {
  const { region, interface: wanted, source } = credentials;
  const endpoints = catalog.filter(({ type }) => type === service).flatMap((entry) => entry.endpoints);
  const found = endpoints.find(
    (endpoint) => endpoint.interface === wanted && (region === undefined || regionOf(endpoint) === region),
  );
  if (found !== undefined) return found.url.replace(/\/+$/, '');
  const known = endpoints.map((endpoint) => `${endpoint.interface} in ${regionOf(endpoint)}`).join(', ');
  const where = `${wanted}${region === undefined ? '' : ` in region ${region}`}`;
  const reason = known === '' ? `the catalog has no service of type ${service}` : `the catalog has ${known}`;
  throw new Error(`${source}: no ${service} endpoint ${where}; ${reason}`);
}

function regionOf(endpoint: Endpoint): string {
  return endpoint.region_id ?? endpoint.region ?? '';
}
