/** The domain of egress routers: plain values and functions, for constructs, the plugin and the cloud side alike. */
export * from './cidr';
export * from './conflicts';
export * from './ip-address';
export * from './issue';
export * from './mac-address';
export * from './macvlan';
export * from './network-config';
export * from './object-limits';
export * from './operator-limits';
export * from './platform';
export * from './plugin-name';
export * from './protocol';
export * from './redirect-rule';
export * from './reserved-address';
export * from './router-options';
export * from './router-spec';
