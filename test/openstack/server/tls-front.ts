import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Says when this machine lacks what makes certificates. */
export function missingOpenSsl(): string | undefined {
  return spawnSync('openssl', ['version']).error && 'The command `openssl` is missing: apt-get install openssl.';
}

/** A certificate authority of a test's own, in a temporary folder. */
export class CertificateAuthority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-ca-'));
  /** The file that `cacert` names. */
  public readonly file = join(this.folder, 'ca.pem');

  public constructor() {
    const subject = ['-subj', '/CN=Test CA', '-addext', 'basicConstraints=critical,CA:TRUE'];
    this.openssl('req', '-x509', '-days', '2', ...subject, ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem');
  }

  /** @param name what the certificate is for, such as `IP:127.0.0.1` */
  public issue(name: string, days = 2): { key: string; cert: string } {
    writeFileSync(join(this.folder, 'extensions'), `subjectAltName=${name}\n`);
    this.openssl('req', '-subj', '/CN=server', ...NEW_KEY, '-keyout', 'key.pem', '-out', 'request.pem');
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions'];
    this.openssl('x509', '-req', '-in', 'request.pem', ...by, '-days', String(days), '-out', 'cert.pem');
    const read = (file: string) => readFileSync(join(this.folder, file), 'utf8');
    return { key: read('key.pem'), cert: read('cert.pem') };
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Stands before a server and speaks TLS, as the load balancer of a cloud does. */
export class TlsFront {
  /** How many requests came by. */
  public passed = 0;

  /** @param options whether it lets in only who has a certificate, too */
  public static async before(
    address: string,
    certificate: { key: string; cert: string },
    { wantsCertificate = false } = {},
  ): Promise<TlsFront> {
    const options = { ...certificate, requestCert: wantsCertificate, rejectUnauthorized: wantsCertificate };
    const server = createServer(options, (incoming, response) => {
      front.passed++;
      const { method, url, headers } = incoming;
      const behind = request(new URL(url!, address), { method, headers: { ...headers, connection: 'close' } });
      behind.on('response', (answer) => {
        const { connection: _between, ...kept } = answer.headers;
        response.writeHead(answer.statusCode!, kept);
        answer.pipe(response);
      });
      behind.on('error', () => response.destroy());
      incoming.pipe(behind);
    });
    const front = new TlsFront(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return front;
  }

  private constructor(private readonly server: Server) {}

  public get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
