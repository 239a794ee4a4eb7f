import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Outcome } from '../lab/namespace';
import { runtimeDefault } from './seccomp';

/** A container of a pod in a manifest: the part for a runtime. */
export interface DeclaredContainer {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly securityContext: {
    readonly runAsUser?: number;
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
    readonly seccompProfile: { readonly type: string };
  };
  readonly resources: { readonly limits: { readonly memory: string } };
}

export interface BindMount {
  readonly source: string;
  readonly destination: string;
  readonly readOnly?: boolean;
  /** As the pod says it: whether the mounts below are read-only too. */
  readonly recursiveReadOnly?: string;
}

export interface ContainerPlace {
  /** A bundle: it has the image's files in `rootfs`. */
  readonly bundle: string;
  /** Path of its network namespace. */
  readonly networkNamespace: string;
  readonly mounts?: readonly BindMount[];
  /** The user of the image, when the manifest names none. */
  readonly user: number;
}

/** A container that runc runs with a manifest's command, security context, memory limit and mounts. */
export class Container implements Disposable {
  public readonly process: ChildProcess;
  public stdout = '';
  public stderr = '';
  private readonly id: string;
  private readonly ended: Promise<number | null>;

  public constructor(declared: DeclaredContainer, place: ContainerPlace) {
    this.id = `egress-${basename(place.bundle).toLowerCase()}-${process.hrtime.bigint()}`;
    writeFileSync(join(place.bundle, 'config.json'), JSON.stringify(runtimeSpec(declared, place)));
    this.process = spawn('runc', ['run', '--bundle', place.bundle, this.id], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.process.once('close', (status) => resolve(status));
    });
  }

  /** `kubectl exec`, and an exec probe. */
  public exec(...words: string[]): Outcome {
    return spawnSync('runc', ['exec', this.id, ...words], { encoding: 'utf8' });
  }

  /** Its first process, by the number that it has outside. Nothing before it runs. */
  public get pid(): number | undefined {
    const { status, stdout } = spawnSync('runc', ['state', this.id], { encoding: 'utf8' });
    const state = status === 0 ? (JSON.parse(stdout) as { readonly status: string; readonly pid: number }) : undefined;
    return state?.status === 'running' ? state.pid : undefined;
  }

  public kill(signal: string): void {
    execFileSync('runc', ['kill', this.id, signal]);
  }

  /** The exit code, when all that it printed is in `stdout` and `stderr`. */
  public end(): Promise<number | null> {
    return this.ended;
  }

  public [Symbol.dispose](): void {
    spawnSync('runc', ['delete', '--force', this.id]);
  }
}

/** runc's own template, with what a kubelet would make of the manifest. */
function runtimeSpec(declared: DeclaredContainer, { bundle, networkNamespace, mounts = [], user }: ContainerPlace) {
  const { securityContext, command = [], args = [], resources } = declared;
  const { capabilities, seccompProfile } = securityContext;
  if (!capabilities.drop.includes('ALL')) throw new Error("the runtime's own capabilities are not known here");
  if (seccompProfile.type !== 'RuntimeDefault') throw new Error(`seccomp profile ${seccompProfile.type}`);
  const added = (capabilities.add ?? []).map((name) => `CAP_${name}`);
  const uid = securityContext.runAsUser ?? user;
  const template = runcTemplate(bundle);
  return {
    ...template,
    process: {
      ...template.process,
      terminal: false,
      user: { uid, gid: uid },
      args: [...command, ...args],
      // The kernel drops them at the start of a program that is not root's.
      capabilities: { bounding: added, permitted: added, effective: added },
      rlimits: [],
      noNewPrivileges: !securityContext.allowPrivilegeEscalation,
    },
    root: { path: 'rootfs', readonly: securityContext.readOnlyRootFilesystem },
    mounts: [
      ...template.mounts.filter(({ destination }) => destination !== '/sys/fs/cgroup'),
      ...mounts.map(({ source, destination, readOnly, recursiveReadOnly }) => ({
        source,
        destination,
        type: 'bind',
        // kubelet asks the runtime for it by this option of runc.
        options: ['rbind', 'rprivate', readOnly ? (recursiveReadOnly === undefined ? 'ro' : 'rro') : 'rw'],
      })),
    ],
    linux: {
      ...template.linux,
      namespaces: template.linux.namespaces.map(({ type }) =>
        type === 'network' ? { type, path: networkNamespace } : { type },
      ),
      resources: { ...template.linux.resources, memory: { limit: bytes(resources.limits.memory) } },
      seccomp: runtimeDefault(added),
    },
  };
}

interface RuncTemplate {
  readonly process: object;
  readonly mounts: readonly { readonly destination: string }[];
  readonly linux: { readonly namespaces: readonly { readonly type: string }[]; readonly resources: object };
}

function runcTemplate(bundle: string): RuncTemplate {
  execFileSync('sh', ['-ec', 'rm -f config.json; runc spec'], { cwd: bundle });
  return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
}

function bytes(quantity: string): number {
  const [, digits] = /^(\d+)Mi$/.exec(quantity) ?? [];
  if (digits === undefined) throw new Error(`${quantity} is not in mebibytes`);
  return Number(digits) * 2 ** 20;
}
