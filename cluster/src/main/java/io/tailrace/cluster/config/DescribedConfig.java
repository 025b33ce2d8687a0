// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.jspecify.annotations.Nullable;

/**
 * All that may be told about one key of one resource: the content of an entry of DescribeConfigs.
 *
 * @param value in force; null if there is none, or if it must not be told
 * @param readOnly whether it takes a restart to change it
 * @param synonyms where it is set, most decisive first; what is in force comes from the first
 * @param type null if the key is not known
 * @param documentation empty if there is none
 */
public record DescribedConfig(
        String name,
        @Nullable String value,
        ConfigSource source,
        boolean readOnly,
        boolean sensitive,
        List<SetValue> synonyms,
        @Nullable Type type,
        String documentation) {

    public DescribedConfig {
        synonyms = List.copyOf(synonyms);
    }
}
