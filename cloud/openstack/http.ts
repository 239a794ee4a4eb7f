import * as http from 'node:http';
import * as https from 'node:https';
import { OpenStackError, UNTRUSTED_CERTIFICATE } from './openstack-error';
import { unfollowedProxy } from './unfollowed-proxy';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Certificates in PEM that the server's is checked against, instead of the system's. */
  readonly ca?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The body when it is JSON. */
  readonly body: unknown;
}

/** A body longer than this is no answer of OpenStack's about ports. */
const LONGEST_BODY = 32 * 1024 * 1024;

/** Connections are kept: a stack with a hundred ports makes hundreds of requests to one server. */
const AGENT_OPTIONS = { keepAlive: true, maxSockets: 16 };
const plainAgent = new http.Agent(AGENT_OPTIONS);
const agentsByCertificates = new Map<string, https.Agent>();

/**
 * One request and its answer, whatever its status. Not `fetch`, which takes no certificates but the process's own.
 *
 * @param timeout milliseconds
 * @throws an `OpenStackError` of status 0 when there is no answer in time
 */
export function send(request: HttpRequest, timeout: number): Promise<HttpAnswer> {
  const { method, url, headers, body, ca } = request;
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
    const fail = (error: Error) => reject(noAnswer(request, error, timeout));
    const sent = (isEncrypted ? https : http).request(url, options, (response) => {
      readBody(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer }),
        fail,
      );
    });
    sent.on('error', fail);
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
    if (length > LONGEST_BODY) throw new Error(`an answer of more than ${LONGEST_BODY} bytes`);
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // of a proxy in between: the status says more than its page
  }
}

function noAnswer({ method, url }: HttpRequest, error: NodeJS.ErrnoException, timeout: number): OpenStackError {
  const request = `${method} ${url}`;
  const proxy = unfollowedProxy(url);
  const hint =
    proxy === undefined ? '' : `; ${proxy} is set and not followed: the server has to be in reach of this machine`;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return new OpenStackError(`${request}: no answer in ${timeout / 1000} s${hint}`, 0);
  }
  const reason = [error.code, error.message].filter(Boolean).join(': ');
  if (!isAboutCertificate(error.code)) return new OpenStackError(`${request}: no answer (${reason})${hint}`, 0);
  const message =
    `${request}: the server's certificate is not trusted (${reason}); ` +
    '`cacert` in clouds.yaml, or OS_CACERT, names the file of the certificate authority that signed it';
  return new OpenStackError(message, 0, UNTRUSTED_CERTIFICATE);
}

function isAboutCertificate(code = ''): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME/.test(code);
}
