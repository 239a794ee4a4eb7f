# The same router as main.ts, in Python: CI compares what the two synthesize, byte for byte.
import os
import sys

from cdk8s import ApiObjectMetadata, App, Chart
from cdk8s_egress_router import (
    DnsResolver,
    EgressRouter,
    EgressRouterAddress,
    EgressRouterCluster,
    EgressRouterHost,
    RouterMode,
    ServiceIpRange,
)
from cdk8s_plus_28 import ContainerProps, Deployment

cluster = EgressRouterCluster(
    "prod",
    pod_cidrs=["10.244.0.0/16"],
    service_cidrs=["10.96.0.0/16"],
    # Each host keeps its cluster IP in the file, which is committed.
    service_ips=ServiceIpRange(
        ranges=["10.96.0.32/27"],
        file=os.path.join(os.path.dirname(os.path.abspath(__file__)), "service-ips.json"),
    ),
    mode=RouterMode.standalone(image="registry.example.com/egress-router:0.1.0"),
)

app = App()
chart = Chart(app, "egress-router", namespace="partners")

# Names that the router resolves need live rules, as root: the namespace's Pod Security level is "privileged".
router = EgressRouter(
    chart,
    "partners",
    cluster=cluster,
    mode=RouterMode.standalone(live_rules=True, resolver=DnsResolver.servers(["192.168.12.53"])),
    addresses=[EgressRouterAddress(ip="192.168.12.99/24", gateway="192.168.12.1")],
    hosts=[
        # Resolved by the router, again and again.
        EgressRouterHost(name="api.bank.example", ports=[443]),
        # Fixed.
        EgressRouterHost(name="db.partner.example", ports=[5432], addresses=["203.0.113.30"]),
        # Resolved, bounded.
        EgressRouterHost(
            name="licence.vendor.example",
            ports=[27000, 27001],
            allowed_cidrs=["198.51.100.0/24"],
        ),
    ],
)

# Its pods resolve the hosts to the router, and no other pod may connect to it.
shop = Deployment(
    Chart(app, "shop", namespace="shop"),
    "shop",
    metadata=ApiObjectMetadata(name="shop"),
    containers=[ContainerProps(image="registry.example.com/shop:1")],
)
router.admit(shop)

app.synth()
print("\n".join(router.describe()), file=sys.stderr)
