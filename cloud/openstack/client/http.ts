import * as http from 'node:http';
import * as https from 'node:https';
import { OpenStackError, TLS_PROBLEM } from './openstack-error';
import { warnIfReadable } from './plain-text-warning';
import { serverText, withoutSecrets } from './server-text';
import { tlsProblem, tlsReason } from './tls-problem';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What headers and body hold that no message may show: tokens and passwords. */
  readonly secrets?: readonly string[];
  /** Trusted certificates in PEM, instead of the system's. */
  readonly ca?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The parsed body if it is JSON, as in every successful answer. */
  readonly body: unknown;
}

/** A longer body is not an OpenStack answer about ports. */
const LONGEST_BODY = 32 * 1024 * 1024;

/** Keeps connections open: a stack with a hundred ports sends hundreds of requests to one server. */
const AGENT_OPTIONS = { keepAlive: true, maxSockets: 16 };
const plainAgent = new http.Agent(AGENT_OPTIONS);
const agentsByCertificates = new Map<string, https.Agent>();

/**
 * Sends one request and returns its answer, of any status. Not with `fetch`, which accepts no certificates per request.
 *
 * @param timeout in milliseconds
 * @throws an `OpenStackError` of status 0 without an answer in time, or with one that cannot be the service's
 */
export async function send(request: HttpRequest, timeout: number): Promise<HttpAnswer> {
  const { url, secrets = [] } = request;
  if (secrets.some((secret) => secret !== '')) warnIfReadable(url);
  let answer: HttpAnswer;
  try {
    const response = await exchange(request, timeout);
    const body = await readBody(response);
    const status = response.statusCode ?? 0;
    // Only refusals get into messages, and the answers of success may be long.
    answer = { status, headers: response.headers, body: status < 400 ? body : withoutSecrets(body, secrets) };
  } catch (error) {
    throw noAnswer(request, error as NodeJS.ErrnoException, timeout);
  }
  refuseOtherServer(request, answer);
  return answer;
}

function exchange({ method, url, headers, body, ca }: HttpRequest, timeout: number): Promise<http.IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const isEncrypted = url.startsWith('https:');
  const options = {
    method,
    agent: isEncrypted ? encryptedAgent(ca) : plainAgent,
    headers: {
      Accept: 'application/json',
      ...(text !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': String(Buffer.byteLength(text)),
      }),
      ...headers,
    },
    signal: AbortSignal.timeout(timeout),
  };
  return new Promise((resolve, reject) => {
    const sent = (isEncrypted ? https : http).request(url, options, resolve);
    sent.on('error', reject);
    sent.end(text);
  });
}

function encryptedAgent(ca = ''): https.Agent {
  const known = agentsByCertificates.get(ca);
  if (known !== undefined) return known;
  const agent = new https.Agent(ca === '' ? AGENT_OPTIONS : { ...AGENT_OPTIONS, ca });
  agentsByCertificates.set(ca, agent);
  return agent;
}

async function readBody(response: http.IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LONGEST_BODY) return undefined;
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // from a proxy: the status is more useful than its page
  }
}

/** Rejects the answer of another server, such as a login page or a redirect to another address of the service. */
function refuseOtherServer({ method, url, secrets = [] }: HttpRequest, { status, headers, body }: HttpAnswer): void {
  const request = `${method} ${url}: answered ${status}`;
  const { location } = headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    // Without the query, which may hold a secret.
    const address = serverText(withoutSecrets(location.split('?', 1)[0], secrets));
    const hint = 'auth_url or the catalog must have the final address';
    throw new OpenStackError(`${request} and redirects to ${address}, which is not followed; ${hint}`, status);
  }
  if (status < 300 && status !== 204 && body === undefined) {
    throw new OpenStackError(`${request} with a body that is not JSON; is this the address of the service?`, status);
  }
}

function noAnswer({ method, url }: HttpRequest, error: NodeJS.ErrnoException, timeout: number): OpenStackError {
  const request = `${method} ${url}`;
  const proxy = unfollowedProxy(url);
  const hint = proxy === undefined ? '' : `; ${proxy} is set but not used: this machine must reach the server directly`;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return new OpenStackError(`${request}: no answer in ${timeout / 1000} s${hint}`, 0);
  }
  const reason = [error.code, serverText(tlsReason(error.message))].filter(Boolean).join(': ');
  const problem = tlsProblem(error);
  if (problem === undefined) return new OpenStackError(`${request}: no answer (${reason})${hint}`, 0);
  return new OpenStackError(`${request}: ${problem.what} (${reason}); ${problem.whatToDo}`, 0, TLS_PROBLEM);
}

/**
 * The variable that makes other tools use a proxy for this address, if it is set. Requests here go to the server
 * directly, and may fail for that reason.
 */
export function unfollowedProxy(
  url: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const { protocol, hostname } = new URL(url);
  if (isExempt(hostname, variables.no_proxy || variables.NO_PROXY || '')) return undefined;
  const names = [`${protocol.replace(':', '')}_proxy`, 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  return names.find((name) => variables[name]);
}

/** Matches hosts and domains with their hosts. Networks such as 10.0.0.0/8 are ignored: tools disagree about them. */
function isExempt(hostname: string, list: string): boolean {
  const entries = list.split(',').map((entry) => entry.trim().replace(/^\*?\./, ''));
  return entries.some((entry) => entry === '*' || (entry !== '' && `.${hostname}`.endsWith(`.${entry}`)));
}
