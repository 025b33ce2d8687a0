// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A verticle that has a thread of its own stays until the last answer is there, also one that was asked for while it stopped. */
@ExtendWith(VertxExtension.class)
final class PendingAnswersTest {

    private static final DeploymentOptions ONE_THREAD = new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName("asker")
            .setWorkerPoolSize(1);

    @Test
    void staysUntilTheLastAnswerIsThere(Vertx vertx) throws Exception {
        Asker asker = new Asker();
        String id = done(vertx.deployVerticle(asker, ONE_THREAD));

        Future<Void> gone = vertx.undeploy(id);
        asker.hasBegunToStop.future().await(5, TimeUnit.SECONDS);
        assertThat(gone.isComplete()).isFalse();

        for (int i = 0; i < Asker.ROUNDS; i++) {
            done(asker.asked(i)).complete("answer " + i);
        }
        done(gone);

        assertThat(asker.heard).containsExactly("answer 0", "answer 1", "answer 2", "a last task");
    }

    @Test
    void staysForAnswersThatFailToo(Vertx vertx) throws Exception {
        Asker asker = new Asker();
        String id = done(vertx.deployVerticle(asker, ONE_THREAD));

        Future<Void> gone = vertx.undeploy(id);
        done(asker.asked(0)).fail("nobody there");
        done(gone);

        assertThat(asker.heard).containsExactly("nobody there");
    }

    private static <T> T done(Future<T> future) throws Exception {
        return future.await(5, TimeUnit.SECONDS);
    }

    /** Asks again whenever it is answered, and leaves itself one more task in the end. */
    private static final class Asker extends VerticleBase {

        private static final int ROUNDS = 3;

        private final PendingAnswers pending = new PendingAnswers();
        private final List<Promise<Promise<String>>> questions = new ArrayList<>();
        private final List<String> heard = new CopyOnWriteArrayList<>();
        private final Promise<Void> hasBegunToStop = Promise.promise();

        private Asker() {
            for (int i = 0; i < ROUNDS; i++) {
                questions.add(Promise.promise());
            }
        }

        private Future<Promise<String>> asked(int round) {
            return questions.get(round).future();
        }

        @Override
        public Future<?> start() {
            ask(0);
            return Future.succeededFuture();
        }

        private void ask(int round) {
            Promise<String> question = Promise.promise();
            Promise<String> answer = Promise.promise();
            question.future()
                    .onComplete(given -> context.runOnContext(here -> answer.complete(given.result(), given.cause())));
            pending.await(answer.future()).onComplete(given -> {
                heard.add(given.succeeded() ? given.result() : given.cause().getMessage());
                if (given.succeeded() && round + 1 < ROUNDS) {
                    ask(round + 1);
                } else if (given.succeeded()) {
                    context.runOnContext(last -> heard.add("a last task"));
                }
            });
            questions.get(round).complete(question);
        }

        @Override
        public Future<?> stop() {
            hasBegunToStop.complete();
            return pending.settled(context);
        }
    }
}
