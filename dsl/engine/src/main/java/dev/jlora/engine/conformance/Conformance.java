package dev.jlora.engine.conformance;

import dev.jlora.engine.conformance.CaseResult.Status;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.tensor.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Runs reference cases. A case of an unknown kind or architecture fails. */
public final class Conformance {
  private final Plugins plugins;
  private final Device device;

  /** Runs cases on the CPU. */
  public Conformance(Plugins plugins) {
    this(plugins, Device.CPU);
  }

  public Conformance(Plugins plugins, Device device) {
    this.plugins = plugins;
    this.device = device;
  }

  /**
   * The folders below {@code folder} (including itself) with a {@code case.json}, by name.
   *
   * @throws FormatException if there are none, since nothing would be checked
   */
  public static List<Path> find(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new FormatException(
          folder, "no such folder.", "Give a folder of reference cases, each with a case.json.");
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> cases =
          tree.filter(path -> path.getFileName().toString().equals("case.json"))
              .map(path -> path.toAbsolutePath().getParent())
              .sorted()
              .toList();
      if (cases.isEmpty()) {
        throw new FormatException(
            folder, "has no reference cases.", "Each is a folder with a case.json; see the docs.");
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs all cases below {@code folder}; {@code each} gets a result as soon as it is available. */
  public List<CaseResult> run(Path folder, Consumer<CaseResult> each) {
    var results = new ArrayList<CaseResult>();
    for (Path path : find(folder)) {
      CaseResult result = check(path);
      results.add(result);
      each.accept(result);
    }
    return List.copyOf(results);
  }

  /** Runs one case. Every failure is part of its result. */
  public CaseResult check(Path folder) {
    String name = folder.getFileName().toString();
    String kind = "?";
    try {
      ReferenceCase reference = ReferenceCase.open(folder);
      kind = reference.kind();
      return switch (kind) {
        case "forward" -> new ForwardCheck(plugins, device).run(reference);
        case "train" -> new TrainCheck(plugins, reference, device).run();
        case "mixed" -> new MixedCheck(plugins, device).run(reference);
        case "combined" -> new CombinedCheck(plugins, device).run(reference);
        case "image" -> new ImageCheck(reference).run();
        default ->
            CaseResult.failed(
                name,
                kind,
                "kind: got '%s', expected forward, train, mixed, combined or image"
                    .formatted(kind));
      };
    } catch (RuntimeException e) {
      return CaseResult.failed(name, kind, e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  /** The exit code of a run: 0 if there were cases, and every case passed; else 1. */
  public static int exitCode(List<CaseResult> results) {
    boolean good =
        !results.isEmpty() && results.stream().allMatch(result -> result.status() == Status.PASSED);
    return good ? 0 : 1;
  }
}
