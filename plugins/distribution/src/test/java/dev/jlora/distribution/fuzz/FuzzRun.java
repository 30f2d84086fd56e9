package dev.jlora.distribution.fuzz;

import dev.jlora.distribution.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lets {@link FuzzWorker} processes read a range of mutants. A mutant that kills its process, or
 * makes it silent for ten seconds, is a finding; the next process starts behind it.
 */
final class FuzzRun {
  private static final long PATIENCE_SECONDS = 10;
  private static final long START_SECONDS = 120;
  private static final int ENOUGH = 30;
  private static final String CLOSED = "closed";

  private final Path folder;
  private final long seed;
  private final int end;
  private final List<String> findings = new ArrayList<>();
  private int next;
  private int read;
  private int refused;

  /** What became of the mutants. */
  record Outcome(List<String> findings, int read, int refused) {}

  FuzzRun(Path folder, long seed, int from, int end) {
    this.folder = folder;
    this.seed = seed;
    this.next = from;
    this.end = end;
  }

  Outcome run() throws IOException, InterruptedException {
    for (int process = 0; next < end && findings.size() < ENOUGH; process++) {
      Process worker =
          ChildJvm.start(
              FuzzWorker.class,
              folder.resolveSibling(folder.getFileName() + "-" + process).toString(),
              Long.toString(seed),
              Integer.toString(next),
              Integer.toString(end));
      try {
        follow(worker);
      } finally {
        worker.destroyForcibly();
      }
    }
    return new Outcome(List.copyOf(findings), read, refused);
  }

  private void follow(Process worker) throws IOException, InterruptedException {
    var lines = new LinkedBlockingQueue<String>();
    Thread.startVirtualThread(() -> pass(worker, lines));
    String current = null;
    var said = new StringBuilder();
    while (next < end) {
      String line =
          lines.poll(current == null ? START_SECONDS : PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null || line.equals(CLOSED)) {
        String problem = line == null ? "no answer in time, at " + stack(worker) : "died: " + said;
        requireStarted(current, problem);
        findings.add(current + ": " + problem);
        next++;
        return;
      }
      if (!line.startsWith(FuzzWorker.MARK)) {
        said.append(line).append('\n');
        continue;
      }
      String[] words = line.substring(FuzzWorker.MARK.length()).split(" ", 2);
      if (words[0].equals("begin")) {
        current = words[1];
        said.setLength(0);
      } else {
        count(words[0], current, words[1]);
        next++;
      }
    }
  }

  private void count(String outcome, @Nullable String mutant, String text) {
    switch (outcome) {
      case "ok" -> read++;
      case "refused" -> refused++;
      default ->
          findings.add(
              mutant + ": " + new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8));
    }
  }

  private static void requireStarted(@Nullable String current, String problem) {
    if (current == null) {
      throw new IllegalStateException("the fuzzer's process did not start: " + problem);
    }
  }

  private static void pass(Process worker, LinkedBlockingQueue<String> lines) {
    try (BufferedReader reader = worker.inputReader()) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add(e.toString());
    }
    lines.add(CLOSED);
  }

  /** What the main thread does. */
  private static String stack(Process worker) throws IOException {
    String jstack = Path.of(System.getProperty("java.home"), "bin/jstack").toString();
    Process process =
        new ProcessBuilder(jstack, Long.toString(worker.pid())).redirectErrorStream(true).start();
    try (BufferedReader reader = process.inputReader()) {
      return reader
          .lines()
          .dropWhile(line -> !line.startsWith("\"main\""))
          .takeWhile(line -> !line.isEmpty())
          .collect(Collectors.joining("\n"));
    }
  }
}
