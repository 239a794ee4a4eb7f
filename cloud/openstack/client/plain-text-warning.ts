const warned = new Set<string>();

/**
 * Warns, once for each server, that a secret is about to leave this machine unencrypted. Pulumi shows what a program
 * and its providers write to standard error.
 */
export function warnIfReadable(url: string): void {
  const { protocol, hostname, origin } = new URL(url);
  if (protocol === 'https:' || isLoopback(hostname) || warned.has(origin)) return;
  warned.add(origin);
  console.warn(
    `warning: ${origin} is not encrypted, so the network can read the password or token that is sent to it; use an ` +
      'https address in auth_url and in the catalog',
  );
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
