// The same router as main.ts, in Java: CI compares what the two synthesize, byte for byte.
import io.github.cdk8s_egress_router.EgressRouter;
import io.github.cdk8s_egress_router.EgressRouterAddress;
import io.github.cdk8s_egress_router.RedirectRule;
import java.util.List;
import org.cdk8s.App;
import org.cdk8s.Chart;
import org.cdk8s.ChartProps;
import org.cdk8s.plus28.Protocol;

public class Main {
  public static void main(String[] args) {
    App app = new App();
    Chart chart = new Chart(app, "egress-router", ChartProps.builder().namespace("egress").build());

    EgressRouter router = EgressRouter.Builder.create(chart, "egress-1")
        .addresses(List.of(EgressRouterAddress.builder().ip("192.168.12.99/24").gateway("192.168.12.1").build()))
        .redirectRules(List.of(
            RedirectRule.builder().port(80).protocol(Protocol.UDP).destinationIp("203.0.113.25").build(),
            RedirectRule.builder().port(8080).protocol(Protocol.TCP).destinationIp("203.0.113.26").targetPort(80).build(),
            RedirectRule.builder().port(8443).protocol(Protocol.TCP).destinationIp("203.0.113.26").targetPort(443).build()))
        .fallbackIp("203.0.113.27")
        .build();

    app.synth();
    System.err.println(String.join("\n", router.describe()));
  }
}
