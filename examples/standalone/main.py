# The same router as main.ts, in Python: CI compares what the two synthesize, byte for byte.
import sys

from cdk8s import App, Chart
from cdk8s_egress_router import (
    EgressRouter,
    EgressRouterAddress,
    EgressRouterCluster,
    Platform,
    RedirectRule,
    RouterMode,
)
from cdk8s_plus_28 import Protocol

# What every router of one cluster has in common is said once.
cluster = EgressRouterCluster(
    "prod",
    platform=Platform.OPENSTACK,
    mode=RouterMode.standalone(image="registry.example.com/egress-router:0.1.0"),
)

app = App()
chart = Chart(app, "egress-router", namespace="egress")

router = EgressRouter(
    chart,
    "partner",
    cluster=cluster,
    addresses=[
        EgressRouterAddress(ip="192.168.12.99/24", gateway="192.168.12.1"),
        EgressRouterAddress(ip="2001:db8:12::99/64", gateway="fe80::1"),
    ],
    redirect_rules=[
        RedirectRule(port=80, protocol=Protocol.UDP, destination_ip="203.0.113.25"),
        RedirectRule(port=8080, protocol=Protocol.TCP, destination_ip="203.0.113.26", target_port=80),
        RedirectRule(port=8443, protocol=Protocol.TCP, destination_ip="203.0.113.26", target_port=443),
    ],
)
router.add_redirect_rule(port=8443, protocol=Protocol.TCP, destination_ip="2001:db8:113::26", target_port=443)

app.synth()
print("\n".join(router.describe()), file=sys.stderr)
