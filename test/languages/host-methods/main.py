# The same calls as main.ts, in Python.
from cdk8s import ApiObjectMetadata, App, Chart
from cdk8s_egress_router import (
    CoreDnsNames,
    DnsResolver,
    EgressRouter,
    EgressRouterAddress,
    EgressRouterCluster,
    EgressRouterHost,
    OkdDnsNames,
    Rke2DnsNames,
    RouterMode,
)
from cdk8s_plus_28 import ConfigMap, ContainerProps, Deployment

cluster = EgressRouterCluster("prod", pod_cidrs=["10.244.0.0/16"], service_cidrs=["10.96.0.0/16"])
app = App()
router = EgressRouter(
    Chart(app, "egress-router", namespace="partners"),
    "partners",
    cluster=cluster,
    mode=RouterMode.standalone(
        image="registry.example.com/egress-router:0.1.0",
        live_rules=True,
        resolver=DnsResolver.node(unresolved_is_unready=True),
    ),
    addresses=[EgressRouterAddress(ip="192.168.12.99/24", gateway="192.168.12.1")],
    hosts=[
        EgressRouterHost(
            name="api.bank.example",
            ports=[443],
            router_ports=[20443],
            allowed_cidrs=["203.0.113.0/24"],
            cluster_ips=["10.96.0.40"],
        ),
    ],
)
router.add_host(
    name="db.partner.example",
    ports=[5432],
    addresses=["203.0.113.30"],
    cluster_ips=["10.96.0.41"],
    service_name="partner-db",
)

chart = Chart(app, "shop", namespace="shop")
shop = Deployment(
    chart,
    "shop",
    metadata=ApiObjectMetadata(name="shop"),
    containers=[ContainerProps(image="registry.example.com/shop:1")],
)
router.admit(shop, hosts=["db.partner.example"])
router.close_bypass(chart, "no-bypass", shop)

routers = [router]
CoreDnsNames(Chart(app, "core-dns"), "names", routers=routers)
Rke2DnsNames(Chart(app, "rke2"), "names", routers=routers, values={"nodelocal": {"enabled": True}})
okd = OkdDnsNames(
    Chart(app, "okd", namespace="partner-dns"),
    "names",
    routers=routers,
    image="registry.k8s.io/coredns/coredns:v1.12.1",
    cluster_ip="10.96.0.53",
)

service = router.host_service("API.bank.example.")
unknown = router.host_service("unknown.example")
ConfigMap(
    Chart(app, "values", namespace="shop"),
    "values",
    metadata=ApiObjectMetadata(name="values"),
    data={
        "aliases": "\n".join(f"{alias.ip} {' '.join(alias.hostnames)}" for alias in router.host_aliases),
        "corefile": "\n".join(CoreDnsNames.corefile_lines(routers, "k8s.example")),
        "patch": okd.patch_command(True),
        "service": service.name if service else "",
        "unknown": "one" if unknown else "none",
        "upstream": okd.dns_server["forwardPlugin"]["upstreams"][0],
    },
)

app.synth()
