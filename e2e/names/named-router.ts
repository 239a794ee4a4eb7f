import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { blocksOf } from '../../test/support/markdown';
import type { Manifest } from '../../test/support/synth';
import type { Environment } from '../environment';
import { Reader } from '../reader';
import type { ToolPods } from './tool-pod';

const ROUTER = 'partners';
const HOSTS = "hosts: ['api.bank.example', 'auth.bank.example']";

/** A change of the document's program. */
export type Edit = readonly [from: string | RegExp, to: string | ((found: string) => string)];

/** What a run of the program made. */
export interface Synthesized {
  /** What it printed. */
  readonly output: string;
  readonly manifests: readonly Manifest[];
}

interface HostService {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly spec: { readonly clusterIP: string };
}

/** The first program of docs/names.md, in namespaces of the scenario and with a client for every host. */
export class NamedRouter implements Disposable {
  public readonly namespace: string;
  /** The namespace of the admitted client, a Deployment of the same name. */
  public readonly shop: string;
  private readonly reader: Reader;

  public constructor(
    private readonly environment: Environment,
    private readonly tools: ToolPods,
  ) {
    this.reader = new Reader(environment);
    this.namespace = environment.makeNamespace(ROUTER, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    this.shop = environment.makeNamespace('shop');
  }

  /** Synthesizes the program with further edits, and applies it, but for kinds that this cluster does not have. */
  public async apply(edits: readonly Edit[] = [], foreign: readonly string[] = []): Promise<Synthesized> {
    const own: Edit[] = [
      ["namespace: 'partners'", `namespace: '${this.namespace}'`],
      ["namespace: 'shop'", `namespace: '${this.shop}'`],
      [HOSTS, HOSTS.replace(']', ", 'db.partner.example']")],
      ['{ containers: [{ image', "{ metadata: { name: 'shop' }, containers: [{ image"],
    ];
    const program = blocksOf('docs/names.md').find(({ language }) => language === 'ts')!.text;
    writeFileSync(join(this.reader.folder, 'main.ts'), [...own, ...edits].reduce(edited, program));
    const dist = join(this.reader.folder, 'dist');
    rmSync(dist, { recursive: true, force: true });
    const output = this.reader.run('npx cdk8s synth --app "npx tsx main.ts"');
    const files = readdirSync(dist).sort();
    const manifests = files.flatMap((file) => loadAll(readFileSync(join(dist, file), 'utf8')) as Manifest[]);
    const applied = manifests.filter(({ kind }) => !foreign.includes(kind));
    const texts = applied.map((manifest) => JSON.stringify(this.tools.addTo(manifest, 'shop')));
    const { kubectl } = this.environment;
    kubectl.apply(texts.join('\n---\n'));
    await this.environment.rolledOut(this.namespace, ROUTER);
    kubectl.run(['rollout', 'status', 'deployment/shop', `--namespace=${this.shop}`, '--timeout=120s']);
    return { output, manifests };
  }

  /** Name of a host's Service. */
  public serviceOf(host: string): string {
    return `${ROUTER}-${host.replaceAll('.', '-')}`;
  }

  /** The name by which every pod of the cluster reaches a host's Service. */
  public addressOf(host: string): string {
    return `${this.serviceOf(host)}.${this.namespace}.svc`;
  }

  public clusterIp(host: string): string {
    return this.environment.clusterIp(this.namespace, this.serviceOf(host));
  }

  /** The Services of hosts as the cluster has them. */
  public services(hosts: readonly string[]): HostService[] {
    const names = hosts.map((host) => this.serviceOf(host));
    return names.map((name) => this.environment.kubectl.get('service', name, `--namespace=${this.namespace}`));
  }

  public [Symbol.dispose](): void {
    this.reader[Symbol.dispose]();
  }
}

function edited(program: string, [from, to]: Edit): string {
  const after = typeof to === 'string' ? program.replace(from, to) : program.replace(from, to);
  if (after === program) throw new Error(`docs/names.md has no ${from}`);
  return after;
}
