/** Why a client and a server do not come to speak TLS. Another try would end as the first. */
export interface TlsProblem {
  /** A sentence's end, behind the request. */
  readonly what: string;
  readonly whatToDo: string;
}

type Failure = Pick<NodeJS.ErrnoException, 'code' | 'message'>;

/** Names of OpenSSL's for certificates that it does not verify. */
const NOT_VERIFIED = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/;

const PROBLEMS: readonly (TlsProblem & { is(failure: Failure): boolean })[] = [
  {
    is: ({ code }) => code === 'ERR_TLS_CERT_ALTNAME_INVALID',
    what: "the server's certificate is for another server",
    whatToDo: 'auth_url, or the catalog, has to name it as its certificate does',
  },
  {
    is: ({ code }) => code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID',
    what: "the server's certificate has expired, or is not valid yet",
    whatToDo: "it has to be renewed, or this machine's clock is wrong",
  },
  {
    is: ({ code }) => NOT_VERIFIED.test(code ?? ''),
    what: "the server's certificate is not trusted",
    whatToDo: '`cacert` in clouds.yaml, or OS_CACERT, names the file of the certificate authority that signed it',
  },
  {
    is: ({ message }) => /alert (certificate required|handshake failure)/.test(message),
    what: "the server refuses the connection, most often for want of a client's certificate",
    whatToDo: "clients' certificates are not supported here",
  },
  {
    is: ({ message }) => /wrong version number/.test(message),
    what: 'the server does not speak TLS',
    whatToDo: 'the address begins with http://, or another port is meant',
  },
];

/** What is wrong, when it is about TLS. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
export function tlsProblem(failure: Failure): TlsProblem | undefined {
  return PROBLEMS.find(({ is }) => is(failure));
}

/** What OpenSSL says, without the addresses and source lines around it. */
export function tlsReason(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
