// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** A {@link Comparison} as a table for people or as JSON. */
public final class Report {

    private Report() {}

    static void table(Comparison comparison, PrintStream out) {
        List<Target> targets = comparison.targets();
        int width = comparison.rows().keySet().stream()
                .mapToInt(String::length)
                .max()
                .orElse(0);
        StringBuilder head =
                new StringBuilder(String.format("%-" + width + "s  %-6s", "measure (median, lowest..highest)", "unit"));
        targets.forEach(target -> head.append(String.format("  %34s", target.name())));
        out.println(head + (targets.size() == 2 ? "   ratio" : ""));
        comparison.rows().forEach((name, row) -> {
            StringBuilder line = new StringBuilder(String.format("%-" + width + "s  %-6s", name, row.unit()));
            for (int i = 0; i < targets.size(); i++) {
                line.append(String.format(
                        "  %34s",
                        number(row.median(i)) + " (" + number(row.lowest(i)) + ".." + number(row.highest(i)) + ")"));
            }
            if (targets.size() == 2) {
                line.append(String.format(Locale.ROOT, "  %6.2f", row.ratio()));
            }
            out.println(line);
        });
    }

    static JsonObject json(Comparison comparison) {
        JsonArray measures = new JsonArray();
        comparison.rows().forEach((name, row) -> {
            JsonObject measure = new JsonObject().put("name", name).put("unit", row.unit());
            for (int i = 0; i < comparison.targets().size(); i++) {
                measure.put(
                        comparison.targets().get(i).name(),
                        new JsonObject()
                                .put("median", row.median(i))
                                .put("samples", new JsonArray(row.samples().get(i))));
            }
            if (comparison.targets().size() == 2) {
                measure.put("ratio", row.ratio());
            }
            measures.add(measure);
        });
        return new JsonObject().put("measures", measures);
    }

    /** Three significant digits, no exponent. */
    public static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }
}
