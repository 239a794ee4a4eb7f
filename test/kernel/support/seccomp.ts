import { readFileSync } from 'node:fs';

/**
 * The default profile of podman and CRI-O, which differs from containerd's in details: what RuntimeDefault stands for.
 */
const PROFILE = '/usr/share/containers/seccomp.json';

interface Condition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
}

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly object[] | null;
  readonly errnoRet?: number;
  readonly includes?: Condition;
  readonly excludes?: Condition;
}

/** The profile's `linux.seccomp` for a container with these capabilities, such as `CAP_NET_RAW`. */
export function runtimeDefault(capabilities: readonly string[]): object {
  const { defaultAction, defaultErrnoRet, archMap, syscalls } = JSON.parse(readFileSync(PROFILE, 'utf8'));
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64' | 'arm64'];
  const seccompArch = { amd64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' }[arch];
  const { architecture, subArchitectures } = archMap.find(
    (entry: { readonly architecture: string }) => entry.architecture === seccompArch,
  );
  const applies = ({ includes = {}, excludes = {} }: Rule) =>
    (includes.caps ?? []).every((name) => capabilities.includes(name)) &&
    (includes.arches?.includes(arch) ?? true) &&
    !(excludes.caps ?? []).some((name) => capabilities.includes(name)) &&
    !(excludes.arches ?? []).includes(arch);
  return {
    defaultAction,
    defaultErrnoRet,
    architectures: [architecture, ...(subArchitectures ?? [])],
    syscalls: (syscalls as Rule[])
      .filter(applies)
      .map(({ names, action, args, errnoRet }) => ({ names, action, args: args ?? [], errnoRet })),
  };
}
