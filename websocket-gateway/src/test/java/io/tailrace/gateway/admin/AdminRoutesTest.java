// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class AdminRoutesTest {

    /** A table that is only looked at asks nobody. */
    private static final AdminRoutes ROUTES = new AdminRoutes(new AdminRoutes.Ports(1, null, null, null, null));

    @Test
    void theOpenApiDocumentDescribesEveryRouteAndNoOther() throws Exception {
        try (InputStream file = AdminRoutes.class.getResourceAsStream("/io/tailrace/gateway/web/openapi.json")) {
            JsonObject paths =
                    new JsonObject(new String(file.readAllBytes(), StandardCharsets.UTF_8)).getJsonObject("paths");
            Set<String> described = new TreeSet<>();
            for (String path : paths.fieldNames()) {
                if (path.startsWith(AdminRoutes.PREFIX)) {
                    paths.getJsonObject(path)
                            .fieldNames()
                            .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path));
                }
            }
            assertThat(described).containsExactlyInAnyOrderElementsOf(ROUTES.table());
        }
    }

    @Test
    void placesInAPathTakeOneSegment() {
        assertThat(ROUTES.methods("topics/orders")).containsExactlyInAnyOrder("GET", "DELETE");
        assertThat(ROUTES.methods("topics/orders/partitions")).containsExactly("POST");
        assertThat(ROUTES.methods("topics/orders/other")).isEmpty();
        assertThat(ROUTES.methods("topics/")).isEmpty();
    }
}
