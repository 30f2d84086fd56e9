package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.ModelAdapters;
import dev.jlora.engine.Predictor;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.AdapterSelection;
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

  @Test
  void adapters_are_mixed_selected_renamed_and_replaced() {
    Path first = train("first", 3);
    Path second = train("second", 9);
    List<Answer> ofFirst = alone(first);
    List<Answer> ofSecond = alone(second);
    try (Predictor predictor = Jlora.predictor(first)) {
      ModelAdapters adapters = predictor.adapters();
      adapters.attach("second", second);
      assertThat(adapters.names()).containsExactlyInAnyOrder("default", "second");
      assertClose(
          predictor.predict(TEXTS, AdapterSelection.perRow("second", "default")),
          List.of(ofSecond.getFirst(), ofFirst.getLast()));
      assertThatThrownBy(() -> predictor.predict(TEXTS, AdapterSelection.perRow("second")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("adapters by row: got 1 selections for 2 inputs, expected one for each");
      adapters.rename("second", "films");
      adapters.select(AdapterSelection.of("films"));
      assertThat(adapters.selection()).isEqualTo(AdapterSelection.of("films"));
      assertClose(predictor.predict(TEXTS), ofSecond);
      assertThatThrownBy(() -> adapters.detach("films"))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the adapter 'films' is selected; select others, or none");
      assertThatThrownBy(() -> adapters.select(AdapterSelection.perRow("films")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("got adapters per row");
      adapters.replace("films", first);
      assertClose(predictor.predict(TEXTS), ofFirst);
      assertThatThrownBy(() -> adapters.replace("films", folder.resolve("base")))
          .isInstanceOf(FormatException.class);
      assertThatThrownBy(() -> adapters.replace("film", second))
          .isInstanceOf(ModelException.class)
          .hasMessage("no adapter 'film'; attached are 'films', 'default'");
      assertClose(predictor.predict(TEXTS), ofFirst);
      adapters.select(AdapterSelection.none());
      adapters.detach("films");
      adapters.detach("default");
      assertThat(adapters.names()).isEmpty();
    }
  }

  @Test
  void a_merged_adapter_is_left_out_and_replaced() {
    Path first = train("first", 3);
    Path second = train("second", 9);
    List<Answer> ofFirst = alone(first);
    List<Answer> ofSecond = alone(second);
    try (Predictor predictor = Jlora.predictor(first)) {
      assertClose(predictor.predict(TEXTS, "default"), ofFirst);
      List<Answer> ofBase = predictor.predict(TEXTS, AdapterSelection.none());
      assertThat(ofBase.getFirst().score()).isNotEqualTo(ofFirst.getFirst().score());
      assertClose(
          predictor.predict(TEXTS, AdapterSelection.perRow("default", null)),
          List.of(ofFirst.getFirst(), ofBase.getLast()));
    }
    try (Predictor predictor = Jlora.predictor(first)) {
      predictor.adapters().replace("default", second);
      assertClose(predictor.predict(TEXTS), ofSecond);
    }
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
