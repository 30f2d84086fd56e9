package dev.jlora.distribution.fuzz;

import dev.jlora.tensor.TorchException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Reads mutants in a process of its own, one after the other, and says on standard output how each
 * ended: {@code #fuzz begin N FILE}, then {@code #fuzz ok -}, {@code #fuzz refused MESSAGE} or
 * {@code #fuzz raw STACKTRACE}, texts in Base64. A process that dies or stays silent accuses the
 * mutant that it began last.
 */
final class FuzzWorker {
  static final String MARK = "#fuzz ";

  /** The name of an exception inside a message: it was passed on unexplained. */
  private static final Pattern LIBRARY_NAME = Pattern.compile("\\b(java|com|sun)\\.[a-z]+\\.");

  private FuzzWorker() {}

  /** Arguments: the folder of the fixture, the seed, the first mutant, the one after the last. */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = System.out;
    System.setOut(new PrintStream(PrintStream.nullOutputStream()));
    Fixture fixture = Fixture.create(Path.of(arguments[0]));
    long seed = Long.parseLong(arguments[1]);
    List<FuzzTarget> targets =
        FuzzTargets.all().stream()
            .flatMap(target -> Collections.nCopies(target.weight(), target).stream())
            .toList();
    for (FuzzTarget target : FuzzTargets.all()) {
      target.use().read(fixture); // an intact file must be read, or no mutant means anything
    }
    int end = Integer.parseInt(arguments[3]);
    for (int i = Integer.parseInt(arguments[2]); i < end; i++) {
      FuzzTarget target = targets.get(i % targets.size());
      out.println(MARK + "begin " + i + " " + target.file());
      out.flush();
      out.println(MARK + run(fixture, target, new SplittableRandom(seed * 1_000_003 + i)));
      out.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  private static String run(Fixture fixture, FuzzTarget target, SplittableRandom random)
      throws Exception {
    Path file = target.path(fixture);
    byte[] intact = Files.readAllBytes(file);
    Files.write(file, target.mutator().mutate(intact, random));
    try {
      target.use().read(fixture);
      return "ok -";
    } catch (Throwable failure) {
      return (clear(failure) ? "refused " : "raw ") + text(failure);
    } finally {
      Files.write(file, intact);
    }
  }

  /** True for an error that jlora raised itself, with a message for its user. */
  private static boolean clear(Throwable failure) {
    String message = failure.getMessage();
    if (message == null || LIBRARY_NAME.matcher(message).find()) {
      return false;
    }
    StackTraceElement[] stack = failure.getStackTrace();
    boolean checked =
        failure.getClass() == IllegalArgumentException.class
            && stack.length > 0
            && stack[0].getClassName().startsWith("dev.jlora.");
    boolean own = failure.getClass().getName().startsWith("dev.jlora.");
    return checked || own && !(failure instanceof TorchException);
  }

  private static String text(Throwable failure) {
    StringWriter text = new StringWriter();
    if (clear(failure)) {
      text.append(failure.getMessage());
    } else {
      failure.printStackTrace(new PrintWriter(text));
    }
    return Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
