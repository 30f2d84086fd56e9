package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.model.ModelException;
import dev.jlora.spi.Answer;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A predictor with adapters beside the one that it was opened with. */
class AttachedAdaptersTest {
  private static final List<String> TEXTS = List.of("a good film", "the plot was bad");

  @TempDir Path folder;

  @Test
  void each_answers_as_when_it_is_opened_alone() throws Exception {
    long live = Tensor.live();
    Path first = train("first", 3);
    Path second = train("second", 9);
    List<Answer> ofFirst = alone(first);
    List<Answer> ofSecond = alone(second);
    assertThat(ofFirst.getFirst().score()).isNotEqualTo(ofSecond.getFirst().score());
    try (Predictor predictor = Jlora.predictor(first)) {
      predictor.attach("second", second);
      assertClose(predictor.predict(TEXTS), ofFirst);
      assertClose(predictor.predict(TEXTS, "second"), ofSecond);
      together(predictor, ofFirst, ofSecond);
      assertThatThrownBy(() -> predictor.attach("base", folder.resolve("base")))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("holds no adapter");
      predictor.detach("second");
      assertThatThrownBy(() -> predictor.predict(TEXTS, "second"))
          .isInstanceOf(ModelException.class)
          .hasMessage("no adapter 'second'; attached are 'default'");
      assertClose(predictor.predict(TEXTS), ofFirst);
    }
    assertThat(Tensor.live()).isEqualTo(live);
  }

  private static void together(Predictor predictor, List<Answer> ofFirst, List<Answer> ofSecond)
      throws Exception {
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        boolean second = i % 2 == 1;
        work.add(
            () -> {
              assertClose(
                  predictor.predict(TEXTS, second ? "second" : null), second ? ofSecond : ofFirst);
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
  }

  private Path train(String name, long seed) {
    return new Engine(Plugins.load())
        .train(new TinyJob(folder).job(name, training -> training.seed(seed)))
        .adapter();
  }

  private static List<Answer> alone(Path run) {
    try (Predictor predictor = Jlora.predictor(run)) {
      return predictor.predict(TEXTS);
    }
  }

  private static void assertClose(List<Answer> actual, List<Answer> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).label()).isEqualTo(expected.get(i).label());
      assertThat(actual.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5));
    }
  }
}
