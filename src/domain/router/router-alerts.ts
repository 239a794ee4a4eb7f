/** The routers of an alert; default: those of every namespace. */
export interface AlertScope {
  readonly namespace?: string;
  readonly router?: string;
}

/** An alerting rule of Prometheus. @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression must hold; a Prometheus duration. */
  readonly for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** A file of alerting rules, which is also the `spec` of a PrometheusRule. */
export interface AlertFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/**
 * The alerts about routers. Series have the labels `namespace` and `router` of their target; a rollout replaces the
 * pod, so no alert depends on its name.
 */
export function routerAlerts(scope: AlertScope = {}): AlertFile {
  const [of, name] = [selector(scope), nameOf(scope)];
  return {
    groups: [
      {
        name: 'egress-router',
        rules: [
          down(scope),
          gatewaySilent(of, name),
          addressConflict(of, name),
          sourcePorts(of, name),
          limitReached(of, name),
          conntrackTable(of, name),
          ruleChangeFailed(of, name),
          hostUnresolved(of, name),
          metricsIncomplete(of, name),
        ],
      },
    ],
  };
}

/** Matchers in braces: the given ones, and those of the scope. */
type Selector = (...further: string[]) => string;

function selector({ namespace, router }: AlertScope): Selector {
  const matchers = Object.entries({ namespace, router }).flatMap(([label, value]) =>
    value === undefined ? [] : [`${label}="${value}"`],
  );
  return (...further) => {
    const all = [...further, ...matchers];
    return all.length === 0 ? '' : `{${all.join(',')}}`;
  };
}

/**
 * The name of the router in texts. That of one router is known, so that its texts have no template: a tool between
 * synth and apply that knows templates too, such as Helm, would fill it in.
 */
function nameOf({ namespace, router }: AlertScope): string {
  if (router === undefined) return '{{ $labels.namespace }}/{{ $labels.router }}';
  return namespace === undefined ? router : `${namespace}/${router}`;
}

/**
 * Not ready, or absent. A router of a known name also counts as absent if it never came up; others only if they were
 * present within the last hour.
 */
function down(scope: AlertScope): AlertRule {
  const ready = `egress_router_ready${selector(scope)()}`;
  const by = 'by (namespace, router)';
  const missing =
    scope.router === undefined
      ? `(group ${by} (last_over_time(${ready}[1h])) unless group ${by} (${ready}))`
      : `absent(${ready})`;
  return {
    alert: 'EgressRouterDown',
    expr: `max ${by} (${ready}) == 0 or ${missing}`,
    for: '1m',
    labels: { severity: 'critical' },
    annotations: {
      summary: `Egress router ${nameOf(scope)} is down`,
      description:
        'The router is not ready, or has no metrics: its clients cannot reach their destinations. /readyz?verbose on its health port and its log name the failed check.',
    },
  };
}

function gatewaySilent(of: Selector, name: string): AlertRule {
  return {
    alert: 'EgressRouterGatewaySilent',
    expr: `max by (namespace, router) (egress_router_check_ok${of('check="gateway"')}) == 0`,
    for: '1m',
    labels: { severity: 'critical' },
    annotations: {
      summary: `The gateway of egress router ${name} is silent`,
      description:
        'The gateway does not answer on net1: it is down, or a switch drops the reserved MAC address. Ask the administrator of that network.',
    },
  };
}

function addressConflict(of: Selector, name: string): AlertRule {
  return {
    alert: 'EgressRouterAddressConflict',
    expr: [
      `min by (namespace, router) (egress_router_check_ok${of('check="conflict"')}) == 0`,
      `max by (namespace, router) (increase(egress_router_address_conflicts_total${of()}[10m])) > 0`,
    ].join(' or '),
    labels: { severity: 'critical' },
    annotations: {
      summary: `Another host uses the address of egress router ${name}`,
      description:
        "Packets for the reserved address reach one host or the other. The router's log has the other host's MAC address.",
    },
  };
}

function sourcePorts(of: Selector, name: string): AlertRule {
  const limit = `egress_router_source_ports_limit${of()}`;
  return {
    alert: 'EgressRouterSourcePortsRunningOut',
    expr: `egress_router_source_ports_in_use${of()} / ignoring (protocol, destination, destination_port, host) group_left () ${limit} > 0.8`,
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${name} runs out of source ports`,
      description:
        'More than 80 % of the source ports towards one server are in use: the labels destination, destination_port, protocol and host name it. Without a free one, new connections fail. Clients should reuse connections; a second router adds a second set of ports.',
    },
  };
}

/** Drops that go on: clients repeat the first packet of a connection for a minute or two. */
function limitReached(of: Selector, name: string): AlertRule {
  return {
    alert: 'EgressRouterLimitReached',
    expr: `increase(egress_router_limit_drops_total${of()}[5m]) > 0`,
    for: '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${name} drops new connections over a limit`,
      description:
        'The label limit names it: with connections_per_client, a client has as many connections to one port of a server as connectionsPerClient admits; with health_port, a source has too many to the health port. doctor on the node, and nft list set inet egress_router clients4 (clients6, health4, health6) in the pod, name the clients.',
    },
  };
}

function conntrackTable(of: Selector, name: string): AlertRule {
  return {
    alert: 'EgressRouterConntrackTableFull',
    expr: `egress_router_conntrack_entries${of()} / egress_router_conntrack_entries_limit${of()} > 0.8`,
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `The connection table of egress router ${name} is nearly full`,
      description:
        "More than 80 % of its entries are in use. When it is full, new connections are dropped. The limit is the node's sysctl net.netfilter.nf_conntrack_max.",
    },
  };
}

function ruleChangeFailed(of: Selector, name: string): AlertRule {
  return {
    alert: 'EgressRouterRuleChangeFailed',
    expr: `max by (namespace, router) (egress_router_last_rule_change_success${of()}) == 0`,
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${name} rejected a rule change`,
      description: "The previous rules are still in force. The router's log has the reason.",
    },
  };
}

/** Longer than a DNS server takes to restart, and than most records live. */
function hostUnresolved(of: Selector, name: string): AlertRule {
  return {
    alert: 'EgressRouterHostUnresolved',
    expr: `egress_router_host_resolved${of()} == 0`,
    for: '10m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${name} cannot resolve a host`,
      description:
        'The label host names it. Its last addresses stay in force; a host that never had one (egress_router_host_addresses is 0) is refused. egress_router_host_answers_total and egress_router_host_refused_addresses have the reason.',
    },
  };
}

function metricsIncomplete(of: Selector, name: string): AlertRule {
  return {
    alert: 'EgressRouterMetricsIncomplete',
    expr: `egress_router_collector_success${of()} == 0`,
    for: '10m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${name} cannot read all of its metrics`,
      description:
        "Series of the collector that the label names are missing, and alerts on them cannot fire. The router's log has the reason.",
    },
  };
}
