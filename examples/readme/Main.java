// The README's standalone program, in Java: CI compares what the two synthesize, byte for byte.
import io.github.cdk8s_egress_router.EgressRouter;
import io.github.cdk8s_egress_router.EgressRouterAddress;
import io.github.cdk8s_egress_router.EgressRouterCluster;
import io.github.cdk8s_egress_router.EgressRouterHost;
import io.github.cdk8s_egress_router.EgressRouterPlugin;
import io.github.cdk8s_egress_router.Platform;
import io.github.cdk8s_egress_router.RouterMode;
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
        .platform(Platform.OPENSTACK)
        .mode(RouterMode.standalone(
            StandaloneRouterOptions.builder().image("registry.example.com/egress-router:0.1.0").build()))
        .build();

    App app = new App();
    Chart plugin = new Chart(app, "plugin", ChartProps.builder().namespace("egress-router-plugin").build());
    EgressRouterPlugin.Builder.create(plugin, "egress-router-plugin").cluster(cluster).build();

    Chart chart = new Chart(app, "partners", ChartProps.builder().namespace("partners").build());
    EgressRouter router = EgressRouter.Builder.create(chart, "bank")
        .cluster(cluster)
        // And one IPv6 address, if you have it.
        .addresses(List.of(EgressRouterAddress.builder().ip("192.168.12.99/24").gateway("192.168.12.1").build()))
        .hosts(List.of(EgressRouterHost.builder()
            .name("api.bank.example")
            .ports(List.of(443))
            .addresses(List.of("203.0.113.26"))
            // A free one, near the start of the network of your cluster's Services.
            .clusterIps(List.of("10.96.0.40"))
            .build()))
        .build();

    // Your workload: its pods resolve the host to the router, and a NetworkPolicy admits no others.
    Chart shopChart = new Chart(app, "shop", ChartProps.builder().namespace("shop").build());
    Deployment shop = Deployment.Builder.create(shopChart, "shop")
        .metadata(ApiObjectMetadata.builder().name("shop").build())
        .containers(List.of(ContainerProps.builder().image("registry.example.com/shop:1").build()))
        .build();
    router.admit(shop);

    app.synth();
    System.err.println("MAC address for the nodes' ports: " + router.getMacAddress());
  }
}
