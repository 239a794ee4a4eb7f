import type { Credentials } from './credentials';
import { type HttpAnswer, type HttpRequest, send } from './http';
import { authenticate, endpointOf, type Service, type Token } from './keystone';
import { OpenStackError } from './openstack-error';
import { PATIENCE, type Patience } from './retry';

/** A request to a service, with a path relative to the service's address. */
export interface ServiceRequest extends Pick<HttpRequest, 'method' | 'headers' | 'body'> {
  readonly service: Service;
  readonly path: string;
}

/** Sends requests with a token, which is requested when first needed and renewed when it has expired. */
export class Session {
  private token: Promise<Token> | undefined;

  public constructor(
    private readonly credentials: Credentials,
    public readonly patience: Patience = PATIENCE,
  ) {}

  /**
   * Returns the answer, of any status except 401. @throws an `OpenStackError` without an answer or an accepted token
   */
  public async send(request: ServiceRequest): Promise<HttpAnswer & { readonly url: string }> {
    const token = await this.currentToken();
    const answer = await this.sendWith(token.used, request);
    if (answer.status !== 401) return answer;
    this.dropToken(token.promise, answer.url);
    const second = await this.sendWith((await this.currentToken()).used, request);
    if (second.status === 401) throw this.refusedThoughNew(second.url);
    return second;
  }

  private refusedThoughNew(url: string): OpenStackError {
    const { source } = this.credentials;
    const hint =
      'the access rules of an application credential must allow this request (openstack access rule list), and ' +
      "the service must use the same Keystone as auth_url (a region's own, or another address of it)";
    return new OpenStackError(
      `${url}: answered 401 to a token that was just issued to the credentials of ${source}; ${hint}`,
      401,
    );
  }

  private async currentToken(): Promise<{ readonly promise: Promise<Token>; readonly used: Token }> {
    this.token ??= this.newToken();
    const promise = this.token;
    return { promise, used: await promise };
  }

  /** Requests with the same expired token share the next one. */
  private dropToken(expired: Promise<Token>, url: string): void {
    const { identity, source } = this.credentials;
    if (identity.kind === 'none' || !identity.isRenewable) {
      const reason =
        identity.kind === 'none' ? 'the service requires a token, and auth_type is none' : 'the token has expired';
      throw new OpenStackError(`${url}: 401 with the credentials of ${source}: ${reason}`, 401);
    }
    if (this.token === expired) this.token = undefined;
  }

  private newToken(): Promise<Token> {
    const { identity } = this.credentials;
    if (identity.kind === 'none') return Promise.resolve({ id: '', catalog: [] });
    const token = authenticate(identity, this.credentials, this.patience);
    // Failures are not cached: the next request tries again.
    token.catch(() => {
      if (this.token === token) this.token = undefined;
    });
    return token;
  }

  private async sendWith(token: Token, { service, path, method, headers, body }: ServiceRequest) {
    const url = this.addressOf(service, token) + path;
    const authorization: Record<string, string> = token.id === '' ? {} : { 'X-Auth-Token': token.id };
    const secrets = [token.id];
    const request = { method, url, body, secrets, ca: this.credentials.ca, headers: { ...headers, ...authorization } };
    const answer = await send(request, this.patience.requestTimeout);
    return { ...answer, url: `${method} ${url}` };
  }

  private addressOf(service: Service, token: Token): string {
    const { identity, endpoints } = this.credentials;
    const given = endpoints[service] ?? (identity.kind === 'none' ? identity.endpoint : undefined);
    const address = given ?? endpointOf(service, token, this.credentials);
    return service === 'network' && !/\/v2\.0$/.test(address) ? `${address}/v2.0` : address;
  }
}
