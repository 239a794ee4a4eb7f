import type { Field } from '../../src/domain/input/decoder';

/** ADD's result, in the format of the newest version of the specification. */
export interface CniResult {
  readonly interfaces: readonly ResultInterface[];
  readonly ips: readonly ResultIp[];
  /** From version 1.1.0 on, whose routes have a table: without it they would be those of the pod's main table. */
  readonly routes: readonly ResultRoute[];
}

export interface ResultInterface {
  readonly name: string;
  readonly mac: string;
  /** In bytes; from version 1.1.0 on. */
  readonly mtu: number;
  /** Path of the namespace, as given by the runtime. */
  readonly sandbox: string;
}

export interface ResultIp {
  /** With the prefix length of its subnet. */
  readonly address: string;
  readonly gateway?: string;
  /** Index in `interfaces`. */
  readonly interface: number;
}

export interface ResultRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly table: number;
}

/** The result of the previous plugins of a chain, unchanged. */
export interface PreviousResult {
  readonly interfaces: readonly unknown[];
  readonly ips: readonly unknown[];
  readonly routes: readonly unknown[];
  readonly others: Readonly<Record<string, unknown>>;
}

/** Reads `prevResult`: only the members that are joined with our own result. */
export function readPreviousResult(field: Field): PreviousResult | undefined {
  if (!field.isObject()) return undefined;
  const {
    cniVersion: _,
    interfaces: _interfaces,
    ips: _ips,
    routes: _routes,
    ...others
  } = field.value as Record<string, unknown>;
  const list = (name: string) => objects(field.member(name));
  return { interfaces: list('interfaces'), ips: list('ips'), routes: list('routes'), others };
}

/** The pod's interface of that name in the result of a chain. Members that older versions lack are absent. */
export function findInterface({ interfaces }: PreviousResult, ifname: string): Partial<ResultInterface> | undefined {
  return (interfaces as readonly Partial<ResultInterface>[]).find(({ name, sandbox }) => name === ifname && sandbox);
}

function objects(list: Field): unknown[] {
  if (!list.isPresent) return [];
  return list.elements('a list of objects').flatMap((element) => (element.isObject() ? [element.value] : []));
}

/** The result for standard output, in the requested version, after the results of the chain's previous plugins. */
export function encodeResult(cniVersion: string, result: CniResult, previous?: PreviousResult): string {
  const offset = previous?.interfaces.length ?? 0;
  const routes = [...(previous?.routes ?? []), ...(cniVersion === '1.1.0' ? result.routes : [])];
  return JSON.stringify({
    cniVersion,
    interfaces: [
      ...(previous?.interfaces ?? []),
      ...result.interfaces.map((made) => encodeInterface(cniVersion, made)),
    ],
    ips: [...(previous?.ips ?? []), ...result.ips.map((ip) => encodeIp(cniVersion, ip, offset))],
    ...(routes.length === 0 ? {} : { routes }),
    ...previous?.others,
  });
}

function encodeInterface(cniVersion: string, { mtu, ...others }: ResultInterface): object {
  return cniVersion === '1.1.0' ? { ...others, mtu } : others;
}

/** Versions before 1.0.0 also have the family. */
function encodeIp(cniVersion: string, { address, gateway, interface: index }: ResultIp, offset: number): object {
  const family = cniVersion.startsWith('0.') ? { version: address.includes(':') ? '6' : '4' } : {};
  return { ...family, address, gateway, interface: index + offset };
}
