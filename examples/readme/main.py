# The README's standalone program, in Python: CI compares what the two synthesize, byte for byte.
import sys

from cdk8s import ApiObjectMetadata, App, Chart
from cdk8s_egress_router import (
    EgressRouter,
    EgressRouterAddress,
    EgressRouterCluster,
    EgressRouterHost,
    EgressRouterPlugin,
    Platform,
    RouterMode,
)
from cdk8s_plus_28 import ContainerProps, Deployment

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
    hosts=[
        EgressRouterHost(
            name="api.bank.example",
            ports=[443],
            addresses=["203.0.113.26"],
            # A free one, near the start of the network of your cluster's Services.
            cluster_ips=["10.96.0.40"],
        )
    ],
)

# Your workload: its pods resolve the host to the router, and a NetworkPolicy admits no others.
shop = Deployment(
    Chart(app, "shop", namespace="shop"),
    "shop",
    metadata=ApiObjectMetadata(name="shop"),
    containers=[ContainerProps(image="registry.example.com/shop:1")],
)
router.admit(shop)

app.synth()
print(f"MAC address for the nodes' ports: {router.mac_address}", file=sys.stderr)
