/**
 * The field `Host`: a name or an address, with a port or not. Empty where the client knows no name, as HTTP allows; the
 * kubelet and Prometheus send `10.244.0.5:9180` and `[fd00::5]:9180`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2
 * @see https://www.rfc-editor.org/rfc/rfc6874 zones of link-local addresses
 */
const HOST = /^(\[[\da-f:.]+(%[\w.~%-]+)?\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/**
 * Whether a request's fields `Host` are one valid one, or none, as in HTTP/1.0: a server has to answer 400 to any other
 * request. The server itself refuses HTTP/1.1 without the field.
 *
 * @param rawHeaders names and values in turn
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
export function hasValidHost(rawHeaders: readonly string[]): boolean {
  const hosts = rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'host' && index % 2 === 1);
  return hosts.length <= 1 && hosts.every((host) => HOST.test(host));
}
