/**
 * The variable by which other tools would reach this address through a proxy, if there is one. Requests here go to the
 * server itself; where they do not arrive, that may be why.
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

/** Names of hosts, and of domains with all of their hosts. Networks such as 10.0.0.0/8 are not read: tools disagree about them. */
function isExempt(hostname: string, list: string): boolean {
  const entries = list.split(',').map((entry) => entry.trim().replace(/^\*?\./, ''));
  return entries.some((entry) => entry === '*' || (entry !== '' && `.${hostname}`.endsWith(`.${entry}`)));
}
