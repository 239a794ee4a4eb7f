# The README's standalone program, in Python: CI compares what the two synthesize, byte for byte.
import sys

from cdk8s import App, Chart
from cdk8s_egress_router import (
    EgressRouter,
    EgressRouterAddress,
    EgressRouterCluster,
    EgressRouterPlugin,
    Platform,
    RedirectRule,
    RouterMode,
)
from cdk8s_plus_28 import Namespaces, Protocol

cluster = EgressRouterCluster(
    "prod",
    platform=Platform.OPENSTACK,
    mode=RouterMode.standalone(image="registry.example.com/egress-router:0.1.0"),
)

app = App()
plugin = Chart(app, "plugin", namespace="egress-router-plugin")
EgressRouterPlugin(plugin, "egress-router-plugin", cluster=cluster)

chart = Chart(app, "partners", namespace="partners")
router = EgressRouter(
    chart,
    "bank",
    cluster=cluster,
    # And one IPv6 address, if you have it.
    addresses=[EgressRouterAddress(ip="192.168.12.99/24", gateway="192.168.12.1")],
    redirect_rules=[RedirectRule(port=443, protocol=Protocol.TCP, destination_ip="203.0.113.26")],
    # A NetworkPolicy: only these clients may connect.
    allow_from=[Namespaces.select(chart, "Clients", labels={"bank-access": "yes"})],
)

app.synth()
print(f"MAC address for the nodes' ports: {router.mac_address}", file=sys.stderr)
