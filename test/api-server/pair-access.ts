import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiAccess } from '../../cni/kubernetes/api-client';
import type { ApiServer } from './api-server';

/** Accounts of the test's API server, each with a Role of its own in the namespace `default`. */
export class PairAccess implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-pair-'));

  public constructor(private readonly server: ApiServer) {}

  /** Makes an account with these rights. */
  public add(name: string, rules: readonly object[]): void {
    const { kubectl } = this.server;
    const metadata = { name, namespace: 'default' };
    const group = 'rbac.authorization.k8s.io';
    for (const object of [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules },
      {
        apiVersion: `${group}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: group, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
      },
    ]) {
      kubectl(['apply', '-f', '-'], JSON.stringify(object));
    }
    writeFileSync(join(this.folder, name), kubectl(['create', 'token', name]), { mode: 0o600 });
  }

  /** What a pod of that account has. */
  public of(name: string): ApiAccess {
    const { clusters } = JSON.parse(readFileSync(this.server.kubeconfig, 'utf8'));
    const { server: url, 'certificate-authority-data': authority } = clusters[0].cluster;
    const { hostname: host, port } = new URL(url);
    return {
      host,
      port: Number(port),
      authority: Buffer.from(authority, 'base64').toString('utf8'),
      tokenFile: join(this.folder, name),
    };
  }

  public [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
