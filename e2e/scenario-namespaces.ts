import { randomBytes } from 'node:crypto';
import type { Kubectl } from './cluster/kubectl';
import { until } from './cluster/until';

/** The namespaces of one scenario, with unique names, so that no scenario meets the leftovers of another. */
export class ScenarioNamespaces {
  private readonly suffix = randomBytes(2).toString('hex');
  private readonly made = new Set<string>();

  public constructor(private readonly kubectl: Kubectl) {}

  /** The scenario's name for the namespace that examples call `role`. */
  public nameOf(role: string): string {
    return `${role}-${this.suffix}`;
  }

  /** @returns its name */
  public make(role: string, labels: Readonly<Record<string, string>> = {}): string {
    const name = this.nameOf(role);
    this.made.add(name);
    this.kubectl.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }));
    return name;
  }

  /** Waits until their pods are gone, so that no reserved address is held; the rest is deleted in the background. */
  public async end(): Promise<void> {
    const names = [...this.made];
    this.made.clear();
    if (names.length === 0) return;
    this.kubectl.run(['delete', 'namespace', ...names, '--ignore-not-found', '--wait=false']);
    const pods = (name: string) => this.kubectl.run(['get', 'pods', `--namespace=${name}`, '--output=name']).trim();
    await until(`the pods of ${names.join(', ')} are gone`, () => names.every((name) => pods(name) === ''), 180, 200);
  }
}
