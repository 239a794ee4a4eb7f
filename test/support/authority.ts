import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Subject and extensions of a certificate, in the syntax of openssl. */
export interface CertificateRequest {
  readonly subject: string;
  readonly extensions: readonly string[];
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** A certificate authority with its key, and what it signs, in one folder. */
export class Authority {
  public constructor(public readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    // The system's file would add extensions of its own.
    writeFileSync(this.path('openssl.cnf'), '[req]\ndistinguished_name = name\n[name]\n');
    const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,digitalSignature'];
    this.openssl(['-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca', ...added(extensions)]);
  }

  /** The path of `ca.crt`, or of a certificate or key that was signed. */
  public path(file: string): string {
    return join(this.folder, file);
  }

  /** Makes `NAME.crt` and `NAME.key`. */
  public sign(name: string, { subject, extensions }: CertificateRequest): void {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
    const words = [...files, '-subj', subject, '-CA', 'ca.crt', '-CAkey', 'ca.key'];
    this.openssl([...words, ...added(['basicConstraints=CA:FALSE', ...extensions])]);
  }

  /** Makes the certificate of a server by its DNS name. */
  public signServer(name: string): void {
    const extensions = ['extendedKeyUsage=serverAuth', `subjectAltName=DNS:${name}`];
    this.sign(name, { subject: `/CN=${name}`, extensions });
  }

  private openssl(words: readonly string[]): void {
    const options = ['req', '-config', 'openssl.cnf', '-x509', ...NEW_KEY, ...words];
    execFileSync('openssl', options, { cwd: this.folder, stdio: 'pipe' });
  }
}

const added = (extensions: readonly string[]) => extensions.flatMap((extension) => ['-addext', extension]);
