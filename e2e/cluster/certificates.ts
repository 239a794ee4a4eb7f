import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Authority } from '../../test/support/authority';
import { execute } from './shell';

/** Keys, certificates, tokens and kubeconfigs of one cluster, in a folder that ends with it. */
export class Certificates {
  private readonly authority: Authority;

  public constructor(
    folder: string,
    private readonly server: string,
    names: readonly string[],
  ) {
    this.authority = new Authority(folder);
    this.authority.sign('apiserver', {
      subject: '/CN=kube-apiserver',
      extensions: ['extendedKeyUsage=serverAuth', `subjectAltName=${names.join(',')}`],
    });
    // Identifies the API server to kubelets, for logs and exec.
    this.authority.sign('apiclient', {
      subject: '/O=system:masters/CN=apiserver-kubelet-client',
      extensions: ['extendedKeyUsage=clientAuth'],
    });
    execute('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', this.path('sa.key')]);
    execute('openssl', ['ec', '-in', this.path('sa.key'), '-pubout', '-out', this.path('sa.pub')]);
    writeFileSync(this.path('tokens.csv'), '');
  }

  public path(file: string): string {
    return this.authority.path(file);
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
}
