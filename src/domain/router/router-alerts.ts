/** Which routers an alert is about: those of every namespace, unless it says. */
export interface AlertScope {
  readonly namespace?: string;
  readonly router?: string;
}

/** An alerting rule of Prometheus. @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it has to hold; a Prometheus duration. */
  readonly for?: string;
  readonly labels: { readonly severity: 'critical' | 'warning' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** A file of alerting rules, which is also the `spec` of a PrometheusRule. */
export interface AlertFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/**
 * What somebody should be told about routers. Series have the labels `namespace` and `router` of their target; a rollout
 * replaces the pod, so no alert depends on its name.
 */
export function routerAlerts(scope: AlertScope = {}): AlertFile {
  const of = selector(scope);
  return {
    groups: [
      {
        name: 'egress-router',
        rules: [
          down(scope),
          gatewaySilent(of),
          addressConflict(of),
          sourcePorts(of),
          conntrackTable(of),
          ruleChangeFailed(of),
          metricsIncomplete(of),
        ],
      },
    ],
  };
}

/** Matchers for the inside of braces: further ones, and those of the scope. */
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

const NAME = '{{ $labels.namespace }}/{{ $labels.router }}';

/**
 * Not ready, or not there at all. A router whose name is known is missed even when it never came up; of the others those
 * that were there within the last hour.
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
      summary: `Egress router ${NAME} is down`,
      description:
        'It is not ready, or nothing is known of it: its clients do not reach their destinations. /readyz?verbose on its health port, and its log, name what does not hold.',
    },
  };
}

function gatewaySilent(of: Selector): AlertRule {
  return {
    alert: 'EgressRouterGatewaySilent',
    expr: `max by (namespace, router) (egress_router_check_ok${of('check="gateway"')}) == 0`,
    for: '1m',
    labels: { severity: 'critical' },
    annotations: {
      summary: `The gateway of egress router ${NAME} is silent`,
      description:
        'Its gateway does not answer on net1. Ask who runs that network: the gateway is down, or a switch does not let the reserved MAC address through.',
    },
  };
}

function addressConflict(of: Selector): AlertRule {
  return {
    alert: 'EgressRouterAddressConflict',
    expr: [
      `min by (namespace, router) (egress_router_check_ok${of('check="conflict"')}) == 0`,
      `max by (namespace, router) (increase(egress_router_address_conflicts_total${of()}[10m])) > 0`,
    ].join(' or '),
    labels: { severity: 'critical' },
    annotations: {
      summary: `Another host uses the address of egress router ${NAME}`,
      description:
        "Packets for the reserved address reach now one, now the other. The router's log has the other host's MAC address.",
    },
  };
}

function sourcePorts(of: Selector): AlertRule {
  const limit = `egress_router_source_ports_limit${of()}`;
  return {
    alert: 'EgressRouterSourcePortsRunningOut',
    expr: `egress_router_source_ports_in_use${of()} / ignoring (protocol, destination, destination_port) group_left () ${limit} > 0.8`,
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${NAME} runs out of source ports`,
      description:
        '{{ $value | humanizePercentage }} of the source ports towards {{ $labels.destination }} port {{ $labels.destination_port }} ({{ $labels.protocol }}) are taken. Without a free one new connections fail. Clients should keep connections open and use them again; a second router has a second set of ports.',
    },
  };
}

function conntrackTable(of: Selector): AlertRule {
  return {
    alert: 'EgressRouterConntrackTableFull',
    expr: `egress_router_conntrack_entries${of()} / egress_router_conntrack_entries_limit${of()} > 0.8`,
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `The connection table of egress router ${NAME} is nearly full`,
      description:
        "{{ $value | humanizePercentage }} of its entries are taken. When it is full, new connections are dropped. The limit is the node's sysctl net.netfilter.nf_conntrack_max.",
    },
  };
}

function ruleChangeFailed(of: Selector): AlertRule {
  return {
    alert: 'EgressRouterRuleChangeFailed',
    expr: `max by (namespace, router) (egress_router_last_rule_change_success${of()}) == 0`,
    for: '1m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${NAME} does not take its new rules`,
      description: 'The rules from before the change are in force. Its log has the reason.',
    },
  };
}

function metricsIncomplete(of: Selector): AlertRule {
  return {
    alert: 'EgressRouterMetricsIncomplete',
    expr: `egress_router_collector_success${of()} == 0`,
    for: '10m',
    labels: { severity: 'warning' },
    annotations: {
      summary: `Egress router ${NAME} cannot read its {{ $labels.collector }}`,
      description: 'Series are missing, and alerts on them cannot fire. Its log has the reason.',
    },
  };
}
