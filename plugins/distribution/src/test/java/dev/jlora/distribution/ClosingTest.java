package dev.jlora.distribution;

import static dev.jlora.Jlora.generator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.Jlora;
import dev.jlora.engine.Engine;
import dev.jlora.engine.Predictor;
import dev.jlora.engine.TextGenerator;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is open is closed while it is used, twice, or has its files changed under it. */
@Timeout(120)
class ClosingTest {
  private static final List<String> TEXTS = List.of("a good film", "bad", "the plot was it");

  @TempDir Path folder;

  /** Each round ended a process by SIGSEGV before: the weights went while another thread read. */
  public static void main(String[] arguments) throws Exception {
    Path run = Path.of(arguments[0]);
    for (int round = 0; round < 20; round++) {
      race(Jlora.predictor(run), round);
      Plugins plugins = Plugins.load();
      JobSpec job = new Engine(plugins).job(run);
      race(Predictor.openFeatures(plugins, job, TaskSpec.FEATURE_EXTRACTION, run), round);
    }
    System.out.println("survived");
  }

  private static void race(Predictor predictor, int round) throws Exception {
    List<Throwable> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (true) {
                        predictor.predict(TEXTS);
                      }
                    } catch (Throwable e) {
                      synchronized (failures) {
                        failures.add(e);
                      }
                    }
                  }));
    }
    Thread.sleep(2 + round % 10);
    predictor.close();
    predictor.close();
    for (Thread thread : threads) {
      thread.join();
    }
    for (Throwable failure : failures) {
      if (!"this predictor is closed; open it again to use it".equals(failure.getMessage())) {
        throw new IllegalStateException("another failure", failure);
      }
    }
  }

  @Test
  void closing_waits_for_answers_and_never_ends_the_process() throws Exception {
    Process process = ChildJvm.start(ClosingTest.class, run().toString());
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      output.lines().forEach(lines::add);
    }
    assertThat(process.waitFor()).as("%s", lines).isZero();
    assertThat(lines).contains("survived");
  }

  @Test
  void a_generator_is_closed_once_and_says_so_when_it_is_used_after() {
    TinyGpt.folder(folder.resolve("gpt"));
    TextGenerator writer = generator(folder.resolve("gpt"));
    GenerationSettings settings = GenerationSettings.greedy(3);
    assertThat(writer.generate("count from", settings).prompt()).isEqualTo("count from");
    writer.close();
    writer.close();
    assertThatThrownBy(() -> writer.generate("count from", settings))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this generator is closed; open it again to use it");
  }

  @Test
  void threads_still_ask_beside_each_other() throws Exception {
    try (Predictor predictor = Jlora.predictor(run())) {
      List<Answer> expected = predictor.predict(TEXTS);
      CountDownLatch together = new CountDownLatch(4);
      List<List<Answer>> answers = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      together.countDown();
                      List<Answer> own = predictor.predict(TEXTS);
                      synchronized (answers) {
                        answers.add(own);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(answers).hasSize(4).allMatch(expected::equals);
    }
  }

  @Test
  void a_base_that_was_cut_off_in_place_is_an_error_and_one_that_was_replaced_is_none()
      throws IOException {
    Path run = run();
    Path weights = folder.resolve("base/model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    try (Predictor predictor = Jlora.predictor(run)) {
      List<Answer> before = predictor.predict(TEXTS);
      Path next = Files.write(folder.resolve("next"), new byte[5]);
      Files.move(next, weights, StandardCopyOption.REPLACE_EXISTING);
      assertThat(predictor.predict(TEXTS)).isEqualTo(before);
      Files.delete(weights);
      assertThat(predictor.predict(TEXTS)).isEqualTo(before);
    }
    Files.write(weights, whole);
    try (Predictor predictor = Jlora.predictor(run)) {
      predictor.predict(TEXTS);
      try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
        file.setLength(4096);
      }
      assertThatThrownBy(() -> predictor.predict(TEXTS))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("model.safetensors: was written in place while it was open")
          .hasMessageContaining("and has 4,096 of")
          .hasMessageContaining("rename it");
    }
  }

  @Test
  void weights_in_private_memory_do_not_change_with_their_file() throws IOException {
    Path run = run();
    Path weights = folder.resolve("base/model.safetensors");
    System.setProperty("jlora.weights", "copy");
    try (Predictor predictor = Jlora.predictor(run)) {
      List<Answer> before = predictor.predict(TEXTS);
      try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
        file.setLength(4096);
      }
      assertThat(predictor.predict(TEXTS)).isEqualTo(before);
    } finally {
      System.clearProperty("jlora.weights");
    }
  }

  private Path run() {
    return new Engine(Plugins.load())
        .train(new TinyJob(folder).job("out", t -> t.maxSteps(2)))
        .adapter();
  }
}
