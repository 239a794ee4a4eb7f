/**
 * Sends a request over a connection of its own.
 *
 * A server closes a kept connection after a while, and the request that is on its way then fails; one that creates
 * something must not be sent again.
 */
export function fetchOnce(url: string, options: Options = {}): Promise<Response> {
  return fetch(url, { ...options, headers: { ...options.headers, connection: 'close' } });
}

type Options = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };
