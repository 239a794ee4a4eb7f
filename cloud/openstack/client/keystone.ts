import type { Credentials } from './credentials';
import { type HttpAnswer, send } from './http';
import type { KeystoneIdentity } from './identity';
import { OpenStackError } from './openstack-error';
import { type Patience, withRetries } from './retry';
import { serverText } from './server-text';

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
  const { method, scope, secret } = identity;
  const body = { auth: { identity: method, ...(scope !== undefined && { scope }) } };
  return withRetries(async () => {
    const answer = await send({ method: 'POST', url, body, ca, secrets: [secret] }, patience.requestTimeout);
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
  const { message } = (body as { error?: { message?: string } } | undefined)?.error ?? {};
  const reason = serverText(message) || 'no reason given';
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
  if (found !== undefined) return readAddress(found.url, service, source);
  const known = endpoints.map((endpoint) => `${endpoint.interface} in ${regionOf(endpoint)}`).join(', ');
  const where = `${wanted}${region === undefined ? '' : ` in region ${region}`}`;
  const reason = known === '' ? `the catalog has no service of type ${service}` : `the catalog has ${known}`;
  throw new Error(`${source}: no ${service} endpoint ${where}; ${serverText(reason)}`);
}

/** Parsed, so that messages show the catalog's text in the characters of an address. */
function readAddress(given: string, service: Service, source: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(
      `${source}: the catalog's ${service} endpoint "${serverText(given)}" is not an http or https address`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

function regionOf(endpoint: Endpoint): string {
  return endpoint.region_id ?? endpoint.region ?? '';
}
