// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation.APPEND;
import static io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation.DELETE;
import static io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation.SET;
import static io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation.SUBTRACT;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.cluster.metadata.ControllerReply.ConfigsAltered;
import io.tailrace.cluster.metadata.ControllerRequest.AlterConfigs;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigAlteration;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigChange;
import io.tailrace.cluster.metadata.ControllerRequest.ConfigOperation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfigAlterationsTest {

    private static final ConfigTarget TOPIC = ConfigTarget.topic("t");

    private final ControllerHarness harness = ControllerHarness.leading(ControllerHarness.config(), new ListPolicy());

    @BeforeEach
    void createTopic() {
        harness.created("t", 1, 1);
    }

    private static ConfigChange change(ConfigOperation operation, String key, String value) {
        return new ConfigChange(operation, key, Optional.of(value));
    }

    private Errors alter(ConfigTarget target, ConfigChange... changes) {
        var reply = (ConfigsAltered)
                harness.ask(new AlterConfigs(List.of(new ConfigAlteration(target, List.of(changes))), false, false));
        return reply.targets().get(0).outcome().error();
    }

    private Map<String, String> configs(ConfigTarget target) {
        return harness.published().configs(target);
    }

    @Test
    void setsAndDeletesForEveryKindOfTarget() {
        for (ConfigTarget target : List.of(
                TOPIC,
                ConfigTarget.broker(1),
                ConfigTarget.brokerDefaults(),
                ConfigTarget.group("g"),
                new ConfigTarget(ConfigTarget.Kind.CLIENT_METRICS, "m"))) {
            assertThat(alter(target, change(SET, "number", "1"), change(SET, "list", "x")))
                    .isEqualTo(Errors.NONE);
            assertThat(configs(target)).isEqualTo(Map.of("number", "1", "list", "x"));
            assertThat(alter(target, new ConfigChange(DELETE, "number", Optional.empty())))
                    .isEqualTo(Errors.NONE);
            assertThat(configs(target)).isEqualTo(Map.of("list", "x"));
        }
    }

    @Test
    void appendsToTheDefaultAndSubtracts() {
        assertThat(alter(TOPIC, change(APPEND, "list", "a,b"))).isEqualTo(Errors.NONE);
        assertThat(configs(TOPIC)).isEqualTo(Map.of("list", "d,a,b"));
        alter(TOPIC, change(APPEND, "list", "b,c"));
        alter(TOPIC, change(SUBTRACT, "list", "d,x"));
        assertThat(configs(TOPIC)).isEqualTo(Map.of("list", "a,b,c"));
    }

    @Test
    void bothOfTwoAppendsWin() {
        var first = new AlterConfigs(
                List.of(new ConfigAlteration(TOPIC, List.of(change(APPEND, "list", "a")))), false, false);
        var second = new AlterConfigs(
                List.of(new ConfigAlteration(TOPIC, List.of(change(APPEND, "list", "b")))), false, false);
        harness.submit(first);
        harness.submit(second);
        harness.commitAll();
        assertThat(configs(TOPIC)).isEqualTo(Map.of("list", "d,a,b"));
    }

    @Test
    void refusesToAppendToWhatIsNoList() {
        assertThat(alter(TOPIC, change(APPEND, "number", "1"))).isEqualTo(Errors.INVALID_CONFIG);
    }

    @Test
    void changesAllOfATargetOrNothing() {
        assertThat(alter(TOPIC, change(SET, "number", "1"), change(SET, "unknown", "1")))
                .isEqualTo(Errors.INVALID_CONFIG);
        assertThat(configs(TOPIC)).isEmpty();
    }

    @Test
    void replacesWhatTheOldRequestDoesNotName() {
        alter(TOPIC, change(SET, "number", "1"), change(SET, "list", "x"));
        harness.ask(new AlterConfigs(
                List.of(new ConfigAlteration(TOPIC, List.of(change(SET, "number", "2")))), true, false));
        assertThat(configs(TOPIC)).isEqualTo(Map.of("number", "2"));
    }

    @Test
    void refusesTargetsThatAreNotThere() {
        assertThat(alter(ConfigTarget.topic("x"))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(alter(ConfigTarget.topic("x/"))).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION);
        assertThat(alter(ConfigTarget.topic(""))).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(ConfigTarget.broker(9))).isEqualTo(Errors.BROKER_ID_NOT_REGISTERED);
        assertThat(alter(new ConfigTarget(ConfigTarget.Kind.BROKER, "one"))).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(ConfigTarget.group(""))).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void refusesChangesThatMakeNoSense() {
        assertThat(alter(TOPIC, change(SET, "number", "1"), change(SET, "number", "2")))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(TOPIC, new ConfigChange(SET, "number", Optional.empty())))
                .isEqualTo(Errors.INVALID_REQUEST);
        assertThat(alter(TOPIC, change(SET, "", "1"))).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void writesNothingWhenNothingChangesOrOnlyValidating() {
        alter(TOPIC, change(SET, "number", "1"));
        int entries = harness.log.size();
        alter(TOPIC, change(SET, "number", "1"));
        harness.ask(new AlterConfigs(
                List.of(new ConfigAlteration(TOPIC, List.of(change(SET, "number", "2")))), false, true));
        assertThat(harness.log).hasSize(entries);
    }
}
