// The README's standalone program, in Java: CI compares what the two synthesize, byte for byte.
import io.github.cdk8s_egress_router.EgressRouter;
import io.github.cdk8s_egress_router.EgressRouterAddress;
import io.github.cdk8s_egress_router.EgressRouterCluster;
import io.github.cdk8s_egress_router.EgressRouterPlugin;
import io.github.cdk8s_egress_router.Platform;
import io.github.cdk8s_egress_router.RedirectRule;
import io.github.cdk8s_egress_router.RouterMode;
import io.github.cdk8s_egress_router.StandaloneRouterOptions;
import java.util.List;
import java.util.Map;
import org.cdk8s.App;
import org.cdk8s.Chart;
import org.cdk8s.ChartProps;
import org.cdk8s.plus28.Namespaces;
import org.cdk8s.plus28.NamespacesSelectOptions;
import org.cdk8s.plus28.Protocol;

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
    Namespaces clients = Namespaces.select(chart, "Clients",
        NamespacesSelectOptions.builder().labels(Map.of("bank-access", "yes")).build());
    EgressRouter router = EgressRouter.Builder.create(chart, "bank")
        .cluster(cluster)
        // And one IPv6 address, if you have it.
        .addresses(List.of(EgressRouterAddress.builder().ip("192.168.12.99/24").gateway("192.168.12.1").build()))
        .redirectRules(List.of(
            RedirectRule.builder().port(443).protocol(Protocol.TCP).destinationIp("203.0.113.26").build()))
        // A NetworkPolicy: only these clients may connect.
        .allowFrom(List.of(clients))
        .build();

    app.synth();
    System.err.println("MAC address for the nodes' ports: " + router.getMacAddress());
  }
}
