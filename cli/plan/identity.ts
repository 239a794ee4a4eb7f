import type { MacAddress } from '../../src/domain/values/mac-address';
import type { Router } from '../input/router';

/** An address and the MAC that announces it. The MAC is absent where the operator's plugin draws one at every start. */
export interface Identity {
  readonly address: string;
  readonly mac?: MacAddress;
  /** The parent interface, if the configuration names one: another one is another network or VLAN. */
  readonly parent?: string;
}

/** The addresses and MACs of a router on the LAN. */
export function identities({ mode, config }: Router): Identity[] {
  return config.addresses.map(({ cidr: { address } }) => ({
    address: address.text,
    ...(mode === 'operator' ? {} : { mac: config.macAddress }),
    ...(config.macvlan.master === undefined ? {} : { parent: config.macvlan.master }),
  }));
}

export function identityText({ address, mac }: Identity): string {
  return mac === undefined ? `${address}, with a MAC that the operator's plugin draws` : `${address} with MAC ${mac}`;
}
