// The same calls as main.ts, in Java.
import io.github.cdk8s_egress_router.CoreDnsNames;
import io.github.cdk8s_egress_router.DnsResolver;
import io.github.cdk8s_egress_router.DnsResolverOptions;
import io.github.cdk8s_egress_router.EgressRouter;
import io.github.cdk8s_egress_router.EgressRouterAddress;
import io.github.cdk8s_egress_router.EgressRouterAdmitOptions;
import io.github.cdk8s_egress_router.EgressRouterCluster;
import io.github.cdk8s_egress_router.EgressRouterHost;
import io.github.cdk8s_egress_router.OkdDnsNames;
import io.github.cdk8s_egress_router.Rke2DnsNames;
import io.github.cdk8s_egress_router.RouterMode;
import io.github.cdk8s_egress_router.StandaloneRouterOptions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.cdk8s.ApiObjectMetadata;
import org.cdk8s.App;
import org.cdk8s.Chart;
import org.cdk8s.ChartProps;
import org.cdk8s.plus28.ConfigMap;
import org.cdk8s.plus28.ContainerProps;
import org.cdk8s.plus28.Deployment;

public class Main {
  public static void main(String[] args) {
    EgressRouterCluster cluster = EgressRouterCluster.Builder.create("prod")
        .podCidrs(List.of("10.244.0.0/16"))
        .serviceCidrs(List.of("10.96.0.0/16"))
        .build();
    App app = new App();
    EgressRouter router = EgressRouter.Builder.create(chartOf(app, "egress-router", "partners"), "partners")
        .cluster(cluster)
        .mode(RouterMode.standalone(StandaloneRouterOptions.builder()
            .image("registry.example.com/egress-router:0.1.0")
            .liveRules(true)
            .resolver(DnsResolver.node(DnsResolverOptions.builder().unresolvedIsUnready(true).build()))
            .build()))
        .addresses(List.of(EgressRouterAddress.builder().ip("192.168.12.99/24").gateway("192.168.12.1").build()))
        .hosts(List.of(EgressRouterHost.builder()
            .name("api.bank.example")
            .ports(List.of(443))
            .routerPorts(List.of(20443))
            .allowedCidrs(List.of("203.0.113.0/24"))
            .clusterIps(List.of("10.96.0.40"))
            .build()))
        .build();
    router.addHost(EgressRouterHost.builder()
        .name("db.partner.example")
        .ports(List.of(5432))
        .addresses(List.of("203.0.113.30"))
        .clusterIps(List.of("10.96.0.41"))
        .serviceName("partner-db")
        .build());

    Chart chart = chartOf(app, "shop", "shop");
    Deployment shop = Deployment.Builder.create(chart, "shop")
        .metadata(ApiObjectMetadata.builder().name("shop").build())
        .containers(List.of(ContainerProps.builder().image("registry.example.com/shop:1").build()))
        .build();
    router.admit(shop, EgressRouterAdmitOptions.builder().hosts(List.of("db.partner.example")).build());
    router.closeBypass(chart, "no-bypass", shop);

    List<EgressRouter> routers = List.of(router);
    CoreDnsNames.Builder.create(new Chart(app, "core-dns"), "names").routers(routers).build();
    Rke2DnsNames.Builder.create(new Chart(app, "rke2"), "names")
        .routers(routers)
        .values(Map.of("nodelocal", Map.of("enabled", true)))
        .build();
    OkdDnsNames okd = OkdDnsNames.Builder.create(chartOf(app, "okd", "partner-dns"), "names")
        .routers(routers)
        .image("registry.k8s.io/coredns/coredns:v1.12.1")
        .clusterIp("10.96.0.53")
        .build();

    String aliases = router.getHostAliases().stream()
        .map(alias -> alias.getIp() + " " + String.join(" ", alias.getHostnames()))
        .collect(Collectors.joining("\n"));
    Map<?, ?> forward = (Map<?, ?>) okd.getDnsServer().get("forwardPlugin");
    ConfigMap.Builder.create(chartOf(app, "values", "shop"), "values")
        .metadata(ApiObjectMetadata.builder().name("values").build())
        .data(Map.of(
            "aliases", aliases,
            "corefile", String.join("\n", CoreDnsNames.corefileLines(routers, "k8s.example")),
            "patch", okd.patchCommand(true),
            "service", router.hostService("API.bank.example.").getName(),
            "unknown", router.hostService("unknown.example") == null ? "none" : "one",
            "upstream", (String) ((List<?>) forward.get("upstreams")).get(0)))
        .build();

    app.synth();
  }

  private static Chart chartOf(App app, String id, String namespace) {
    return new Chart(app, id, ChartProps.builder().namespace(namespace).build());
  }
}
