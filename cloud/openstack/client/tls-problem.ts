/** A permanent problem of a TLS handshake. */
export interface TlsProblem {
  /** Completes the sentence that starts with the request. */
  readonly what: string;
  readonly whatToDo: string;
}

type Failure = Pick<NodeJS.ErrnoException, 'code' | 'message'>;

/** OpenSSL's error names for certificates that it cannot verify. */
const NOT_VERIFIED = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/;

const PROBLEMS: readonly (TlsProblem & { is(failure: Failure): boolean })[] = [
  {
    is: ({ code }) => code === 'ERR_TLS_CERT_ALTNAME_INVALID',
    what: "the server's certificate is for another name",
    whatToDo: 'auth_url or the catalog must use a name of the certificate',
  },
  {
    is: ({ code }) => code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID',
    what: "the server's certificate has expired, or is not valid yet",
    whatToDo: "renew it, or correct this machine's clock",
  },
  {
    is: ({ code }) => NOT_VERIFIED.test(code ?? ''),
    what: "the server's certificate is not trusted",
    whatToDo: '`cacert` in clouds.yaml, or OS_CACERT, must name the file of the certificate authority that signed it',
  },
  {
    is: ({ message }) => /alert (certificate required|handshake failure)/.test(message),
    what: 'the server rejects the connection, usually because it requires a client certificate',
    whatToDo: 'client certificates are not supported',
  },
  {
    is: ({ message }) => /wrong version number/.test(message),
    what: 'the server does not speak TLS',
    whatToDo: 'use http:// or the port that speaks TLS',
  },
];

/** The problem, if a failure is about TLS. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
export function tlsProblem(failure: Failure): TlsProblem | undefined {
  return PROBLEMS.find(({ is }) => is(failure));
}

/** OpenSSL's reason, without the addresses and source lines around it. */
export function tlsReason(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
