import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from './shell';

/** Subject and extensions of a certificate, in the syntax of openssl. */
interface Request {
  readonly subject: string;
  readonly extensions: readonly string[];
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** Keys, certificates, tokens and kubeconfigs of one cluster, in a folder that ends with it. */
export class Certificates {
  public constructor(
    public readonly folder: string,
    private readonly server: string,
    names: readonly string[],
  ) {
    // The system's file would add extensions of its own.
    writeFileSync(this.path('openssl.cnf'), '[req]\ndistinguished_name = name\n[name]\n');
    const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,digitalSignature'];
    this.openssl(['-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca', ...added(authority)]);
    this.sign('apiserver', {
      subject: '/CN=kube-apiserver',
      extensions: ['extendedKeyUsage=serverAuth', `subjectAltName=${names.join(',')}`],
    });
    // Identifies the API server to kubelets, for logs and exec.
    this.sign('apiclient', {
      subject: '/O=system:masters/CN=apiserver-kubelet-client',
      extensions: ['extendedKeyUsage=clientAuth'],
    });
    execute('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', this.path('sa.key')]);
    execute('openssl', ['ec', '-in', this.path('sa.key'), '-pubout', '-out', this.path('sa.pub')]);
    writeFileSync(this.path('tokens.csv'), '');
  }

  public path(file: string): string {
    return join(this.folder, file);
  }

  /** Adds a user with a token; add users before the API server starts. @returns the path of its kubeconfig */
  public addUser(name: string, groups: readonly string[] = []): string {
    const token = randomBytes(16).toString('hex');
    appendFileSync(this.path('tokens.csv'), `${token},${name},${name},"${groups.join(',')}"\n`);
    const kubeconfig = this.path(`${name.replaceAll(':', '-')}.kubeconfig`);
    const authority = readFileSync(this.path('ca.crt')).toString('base64');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'e2e', cluster: { server: this.server, 'certificate-authority-data': authority } }],
      users: [{ name, user: { token } }],
      contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: name } }],
      'current-context': 'e2e',
    };
    writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    return kubeconfig;
  }

  private sign(name: string, { subject, extensions }: Request): void {
    const words = [
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-subj',
      subject,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
    ];
    this.openssl([...words, ...added(['basicConstraints=CA:FALSE', ...extensions])]);
  }

  private openssl(words: readonly string[]): void {
    execute('openssl', ['req', '-config', 'openssl.cnf', '-x509', ...NEW_KEY, ...words], { cwd: this.folder });
  }
}

const added = (extensions: readonly string[]) => extensions.flatMap((extension) => ['-addext', extension]);
