import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { blocksOf } from '../support/markdown';
import { describeWithApiServer } from './describe-with-api-server';
import { findPrograms } from './programs';

const ROOT = join(__dirname, '..', '..');

describeWithApiServer("the README's quick start in operator mode", (server) => {
  test('works as written, in an empty folder, down to a cluster that has the router', () => {
    const [install, program, apply] = blocksOf('README.md').filter(
      ({ heading }) => heading === 'Quick start: operator mode',
    );
    const namespace = `first-use-${Date.now()}`;
    const folder = mkdtempSync(join(tmpdir(), 'egress-first-use-'));
    try {
      const pack = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      const packed = join(folder, pack.trim());
      const path = [dirname(findPrograms(false).kubectl), process.env.PATH].join(delimiter);
      const env = { ...process.env, PATH: path, KUBECONFIG: server().kubeconfig, CDK8S_OUTDIR: undefined };
      const run = (script: string, cwd: string) =>
        execFileSync('bash', ['-ec', script], { cwd, env, encoding: 'utf8', stdio: 'pipe' });
      // Two differences from what a reader types: the package is not from the registry but from this tree, and the
      // namespace is a new one, because a given cluster may have had this test before.
      run(install!.text.replace('npm install cdk8s-egress-router', `npm install ${packed}`), folder);
      const project = join(folder, 'egress');
      writeFileSync(
        join(project, 'main.ts'),
        program!.text.replace("namespace: 'egress'", `namespace: '${namespace}'`),
      );
      expect(run(apply!.text.replace('create namespace egress', `create namespace ${namespace}`), project)).toMatch(
        /egressrouter\S+egress-1 serverside-applied\n.*service\/egress-1 serverside-applied/s,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    const ports = server().kubectl([
      'get',
      'service',
      'egress-1',
      '-n',
      namespace,
      '-o',
      'jsonpath={.spec.ports[*].name}',
    ]);
    expect(ports).toBe('udp-80 tcp-8080 tcp-8443');
  }, 300_000);
});
