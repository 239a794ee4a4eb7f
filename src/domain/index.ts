/** The domain of egress routers: plain values and functions, shared by constructs, plugin, CLI and cloud components. */

export * from './data-plane/data-plane';
export * from './data-plane/data-plane-text';
export * from './data-plane/nft-set-capacity';
export * from './data-plane/nft-table';
export * from './data-plane/nft-table-text';
export * from './data-plane/router-table';
export * from './input/issue';
export * from './router/conflicts';
export * from './router/network-config';
export * from './router/object-limits';
export * from './router/operator-limits';
export * from './router/platform';
export * from './router/redirect-rule';
export * from './router/reserved-address';
export * from './router/router-options';
export * from './router/router-spec';
export * from './values/cidr';
export * from './values/ip-address';
export * from './values/mac-address';
export * from './values/macvlan';
export * from './values/plugin-name';
export * from './values/protocol';
