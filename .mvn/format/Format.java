import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Runs google-java-format over every Java file of the project.
 *
 * <p>Maven may run on a Java whose parser does not know our syntax, so this is a program of its
 * own, started on the JDK that compiles the project: {@code Format --check|--fix PATH...}. Exit
 * code 1 says that files are not formatted (check) or cannot be parsed (both).
 */
public final class Format {
  private enum Outcome {
    CLEAN,
    CHANGED,
    BROKEN
  }

  private record Result(Path file, Outcome outcome, String text) {}

  private Format() {}

  public static void main(String[] args) throws IOException {
    if (args.length < 2 || !List.of("--check", "--fix").contains(args[0])) {
      System.err.println("usage: Format --check|--fix PATH...");
      System.exit(2);
    }
    boolean fix = args[0].equals("--fix");
    List<Path> files = new ArrayList<>();
    for (String path : List.of(args).subList(1, args.length)) {
      files.addAll(javaFiles(Path.of(path)));
    }
    report(files.parallelStream().map(file -> format(file, fix)).toList(), fix);
  }

  private static Result format(Path file, boolean fix) {
    try {
      String source = Files.readString(file);
      String formatted = new Formatter().formatSourceAndFixImports(source);
      if (formatted.equals(source)) {
        return new Result(file, Outcome.CLEAN, "");
      }
      if (fix) {
        Files.writeString(file, formatted);
      }
      return new Result(file, Outcome.CHANGED, file.toString());
    } catch (FormatterException | IOException e) {
      return new Result(file, Outcome.BROKEN, file + ": " + e.getMessage());
    }
  }

  private static void report(List<Result> results, boolean fix) {
    List<Result> changed = having(results, Outcome.CHANGED);
    List<Result> broken = having(results, Outcome.BROKEN);
    broken.forEach(result -> System.err.println("cannot parse " + result.text()));
    String verb = fix ? "formatted " : "not formatted: ";
    changed.forEach(result -> System.err.println(verb + result.text()));
    if (!changed.isEmpty() && !fix) {
      System.err.println("What to do: mvn -N verify -Djlora.format=--fix");
    }
    System.exit(broken.isEmpty() && (fix || changed.isEmpty()) ? 0 : 1);
  }

  private static List<Result> having(List<Result> results, Outcome outcome) {
    return results.stream()
        .filter(result -> result.outcome() == outcome)
        .sorted(Comparator.comparing(Result::file))
        .toList();
  }

  private static List<Path> javaFiles(Path root) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean ours = !name.equals("target") && !name.equals(".git");
            return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
