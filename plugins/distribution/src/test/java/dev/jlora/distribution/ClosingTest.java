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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
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
    Plugins plugins = Plugins.load();
    JobSpec job = new Engine(plugins).job(run);
    GenerationSettings settings = GenerationSettings.greedy(30);
    for (int round = 0; round < 12; round++) {
      Predictor labels = Jlora.predictor(run);
      race("predictor", round, () -> labels.predict(TEXTS), labels::close);
      Predictor vectors = Predictor.openFeatures(plugins, job, TaskSpec.FEATURE_EXTRACTION, run);
      race("predictor", round, () -> vectors.predict(TEXTS), vectors::close);
      TextGenerator writer = generator(Path.of(arguments[1]));
      race("generator", round, () -> writer.generate("count from", settings), writer::close);
    }
    System.out.println("survived");
  }

  /** Three threads ask, eight threads close. */
  private static void race(String what, int round, Runnable ask, Runnable close) throws Exception {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> asking = threads(3, failures, () -> forever(ask));
    Thread.sleep(2 + round % 10);
    List<Thread> closing = threads(8, failures, close);
    for (Thread thread : closing) {
      thread.join();
    }
    for (Thread thread : asking) {
      thread.join();
    }
    String expected = "this " + what + " is closed; open it again to use it";
    for (Throwable failure : failures) {
      if (!expected.equals(failure.getMessage())) {
        throw new IllegalStateException("another failure", failure);
      }
    }
    if (failures.size() != asking.size()) {
      throw new IllegalStateException(failures.size() + " of the threads were told");
    }
  }

  private static List<Thread> threads(int count, Queue<Throwable> failures, Runnable work) {
    return IntStream.range(0, count)
        .mapToObj(
            _ ->
                Thread.ofPlatform()
                    .start(
                        () -> {
                          try {
                            work.run();
                          } catch (Throwable e) {
                            failures.add(e);
                          }
                        }))
        .toList();
  }

  private static void forever(Runnable ask) {
    while (true) {
      ask.run();
    }
  }

  @Test
  void closing_waits_for_answers_and_never_ends_the_process() throws Exception {
    TinyGpt.folder(folder.resolve("gpt"));
    Process process =
        ChildJvm.start(ClosingTest.class, run().toString(), folder.resolve("gpt").toString());
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
