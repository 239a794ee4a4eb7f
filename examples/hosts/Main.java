// The same router as main.ts, in Java: CI compares what the two synthesize, byte for byte.
import io.github.cdk8s_egress_router.DnsResolver;
import io.github.cdk8s_egress_router.EgressRouter;
import io.github.cdk8s_egress_router.EgressRouterAddress;
import io.github.cdk8s_egress_router.EgressRouterCluster;
import io.github.cdk8s_egress_router.EgressRouterHost;
import io.github.cdk8s_egress_router.RouterMode;
import io.github.cdk8s_egress_router.ServiceIpRange;
import io.github.cdk8s_egress_router.StandaloneRouterOptions;
import java.util.List;
import org.cdk8s.ApiObjectMetadata;
import org.cdk8s.App;
import org.cdk8s.Chart;
import org.cdk8s.ChartProps;
import org.cdk8s.plus28.ContainerProps;
import org.cdk8s.plus28.Deployment;

public class Main {
  public static void main(String[] args) {
    EgressRouterCluster cluster = EgressRouterCluster.Builder.create("prod")
        .podCidrs(List.of("10.244.0.0/16"))
        .serviceCidrs(List.of("10.96.0.0/16"))
        // Each host keeps its cluster IP in the file, which is committed.
        .serviceIps(ServiceIpRange.builder().ranges(List.of("10.96.0.32/27")).file("service-ips.json").build())
        .mode(RouterMode.standalone(
            StandaloneRouterOptions.builder().image("registry.example.com/egress-router:0.1.0").build()))
        .build();

    App app = new App();
    Chart chart = new Chart(app, "egress-router", ChartProps.builder().namespace("partners").build());

    // Names that the router resolves need live rules, as root: the namespace's Pod Security level is "privileged".
    EgressRouter router = EgressRouter.Builder.create(chart, "partners")
        .cluster(cluster)
        .mode(RouterMode.standalone(StandaloneRouterOptions.builder()
            .liveRules(true)
            .resolver(DnsResolver.servers(List.of("192.168.12.53")))
            .build()))
        .addresses(List.of(EgressRouterAddress.builder().ip("192.168.12.99/24").gateway("192.168.12.1").build()))
        .hosts(List.of(
            // Resolved by the router, again and again.
            EgressRouterHost.builder().name("api.bank.example").ports(List.of(443)).build(),
            // Fixed.
            EgressRouterHost.builder()
                .name("db.partner.example")
                .ports(List.of(5432))
                .addresses(List.of("203.0.113.30"))
                .build(),
            // Resolved, bounded.
            EgressRouterHost.builder()
                .name("licence.vendor.example")
                .ports(List.of(27000, 27001))
                .allowedCidrs(List.of("198.51.100.0/24"))
                .build()))
        .build();

    // Its pods resolve the hosts to the router, and no other pod may connect to it.
    Chart shopChart = new Chart(app, "shop", ChartProps.builder().namespace("shop").build());
    Deployment shop = Deployment.Builder.create(shopChart, "shop")
        .metadata(ApiObjectMetadata.builder().name("shop").build())
        .containers(List.of(ContainerProps.builder().image("registry.example.com/shop:1").build()))
        .build();
    router.admit(shop);

    app.synth();
    System.err.println(String.join("\n", router.describe()));
  }
}
