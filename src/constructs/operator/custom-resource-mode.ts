import { withoutNullish, withoutUndefined } from '../../domain/input/collections';
import { RouterModeKind } from '../../domain/router/router-spec';
import { DEFAULT_CLUSTER } from '../cluster/egress-router-cluster';
import { isMode } from '../effective-mode';
import { RouterMode } from '../router-mode';
import { Link, type MacvlanLinkOptions } from '../standalone/link';
import type { CustomResourceOptions } from './custom-resource-options';

/** A mode with the network interface of a custom resource. */
export interface ImportedMode {
  /** Undefined: that of the cluster. */
  readonly mode: RouterMode | undefined;
  /** The fields of the resource by the props that were made of them. */
  readonly places: readonly (readonly [prop: string, field: string])[];
}

/** The mode with the resource's network interface, where the options do not say one. */
export function importedMode(
  macvlan: Readonly<Record<string, unknown>> | undefined,
  options: CustomResourceOptions,
): ImportedMode {
  const given = options.mode ?? (options.network?.cluster ?? options.cluster ?? DEFAULT_CLUSTER).mode;
  // The router itself refuses what is not a mode.
  if (macvlan === undefined || !isMode(given)) return { mode: options.mode, places: [] };
  return given.kind === RouterModeKind.OPERATOR ? ofOperator(macvlan, options) : ofStandalone(macvlan, options);
}

function ofOperator(macvlan: object, { mode }: CustomResourceOptions): ImportedMode {
  const own = withoutNullish(mode?.operatorOptions ?? {});
  if (own.networkInterface !== undefined) return { mode, places: [] };
  return {
    mode: RouterMode.operator({ ...own, networkInterface: { macvlan } }),
    places: [['mode.networkInterface', 'spec.networkInterface']],
  };
}

function ofStandalone(macvlan: Readonly<Record<string, unknown>>, { mode }: CustomResourceOptions): ImportedMode {
  const own = mode?.standaloneOptions?.link;
  // The router itself refuses what is not a link.
  if (own != null && own.macvlanOptions === undefined) return { mode, places: [] };
  const link = withoutNullish(own?.macvlanOptions ?? {});
  const ofResource = withoutUndefined({ mode: macvlan.mode, parentInterface: macvlan.master });
  const linkOptions = { ...ofResource, ...link } as MacvlanLinkOptions;
  const places: ImportedMode['places'] = [
    ['mode.link.mode', 'spec.networkInterface.macvlan.mode'],
    ['mode.link.parentInterface', 'spec.networkInterface.macvlan.master'],
  ];
  return {
    mode: RouterMode.standalone({ ...mode?.standaloneOptions, link: Link.macvlan(linkOptions) }),
    places: places.filter(([prop]) => link[prop.slice('mode.link.'.length)] === undefined),
  };
}
