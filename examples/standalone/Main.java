// The same router as main.ts, in Java: CI compares what the two synthesize, byte for byte.
import io.github.cdk8s_egress_router.EgressRouter;
import io.github.cdk8s_egress_router.EgressRouterAddress;
import io.github.cdk8s_egress_router.EgressRouterCluster;
import io.github.cdk8s_egress_router.Platform;
import io.github.cdk8s_egress_router.RedirectRule;
import io.github.cdk8s_egress_router.RouterMode;
import io.github.cdk8s_egress_router.StandaloneRouterOptions;
import java.util.List;
import org.cdk8s.App;
import org.cdk8s.Chart;
import org.cdk8s.ChartProps;
import org.cdk8s.plus28.Protocol;

public class Main {
  public static void main(String[] args) {
    // What every router of one cluster has in common is said once.
    EgressRouterCluster cluster = EgressRouterCluster.Builder.create("prod")
        .platform(Platform.OPENSTACK)
        .mode(RouterMode.standalone(
            StandaloneRouterOptions.builder().image("registry.example.com/egress-router:0.1.0").build()))
        .build();

    App app = new App();
    Chart chart = new Chart(app, "egress-router", ChartProps.builder().namespace("egress").build());

    EgressRouter router = EgressRouter.Builder.create(chart, "partner")
        .cluster(cluster)
        .addresses(List.of(
            EgressRouterAddress.builder().ip("192.168.12.99/24").gateway("192.168.12.1").build(),
            EgressRouterAddress.builder().ip("2001:db8:12::99/64").gateway("fe80::1").build()))
        .redirectRules(List.of(
            RedirectRule.builder().port(80).protocol(Protocol.UDP).destinationIp("203.0.113.25").build(),
            RedirectRule.builder().port(8080).protocol(Protocol.TCP).destinationIp("203.0.113.26").targetPort(80).build(),
            RedirectRule.builder().port(8443).protocol(Protocol.TCP).destinationIp("203.0.113.26").targetPort(443).build()))
        .build();
    router.addRedirectRule(RedirectRule.builder()
        .port(8443)
        .protocol(Protocol.TCP)
        .destinationIp("2001:db8:113::26")
        .targetPort(443)
        .build());

    app.synth();
    System.err.println(String.join("\n", router.describe()));
  }
}
