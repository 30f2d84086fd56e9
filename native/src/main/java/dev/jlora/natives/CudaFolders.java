package dev.jlora.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Folders that may contain CUDA libraries, in this order:
 *
 * <ol>
 *   <li>the folder in the system property {@code jlora.cuda} or the environment variable {@code
 *       JLORA_CUDA}, with its {@code lib64} and {@code lib},
 *   <li>libtorch's own folder, and {@code nvidia/(component)/lib} next to it in a Python
 *       installation,
 *   <li>{@code lib64} of {@code CUDA_HOME} and {@code CUDA_PATH}, and of {@code /usr/local/cuda}.
 * </ol>
 */
record CudaFolders(List<Path> folders) {
  static final String PROPERTY = "jlora.cuda";
  static final String VARIABLE = "JLORA_CUDA";

  private static final Pattern LIBRARY = Pattern.compile("libnvrtc\\.so(\\.[0-9.]+)?");
  private static final Pattern BUILTINS = Pattern.compile("libnvrtc-builtins\\.so\\.[0-9.]+");

  CudaFolders {
    folders = folders.stream().filter(Files::isDirectory).distinct().toList();
  }

  /**
   * The compiler's files.
   *
   * @param builtins a library that the compiler opens by itself; it may find it elsewhere
   */
  record Nvrtc(Path library, Optional<Path> builtins) {}

  static CudaFolders current() {
    return of(System::getProperty, System.getenv(), () -> NativeTorch.load().folder());
  }

  static CudaFolders of(
      Function<String, @Nullable String> properties,
      Map<String, String> variables,
      Supplier<Path> torch) {
    List<Path> folders = new ArrayList<>();
    Optional<Path> named =
        text(properties.apply(PROPERTY)).or(() -> text(variables.get(VARIABLE))).map(Path::of);
    named.ifPresent(folder -> folders.addAll(withLibraries(folder)));
    if (named.isEmpty()) {
      Path folder = torch.get();
      folders.add(folder);
      folders.addAll(besides(folder));
      Stream.of("CUDA_HOME", "CUDA_PATH")
          .flatMap(variable -> text(variables.get(variable)).stream())
          .forEach(home -> folders.addAll(withLibraries(Path.of(home))));
      folders.addAll(withLibraries(Path.of("/usr/local/cuda")));
    }
    return new CudaFolders(folders);
  }

  private static List<Path> withLibraries(Path folder) {
    return List.of(folder, folder.resolve("lib64"), folder.resolve("lib"));
  }

  /** site-packages/nvidia/(component)/lib for site-packages/torch/lib. */
  private static List<Path> besides(Path torch) {
    Path nvidia = torch.resolve("../../nvidia").normalize();
    return list(nvidia).map(component -> component.resolve("lib")).toList();
  }

  /** The newest compiler of the first folder that has one. */
  Optional<Nvrtc> nvrtc() {
    return folders.stream()
        .flatMap(
            folder ->
                newest(folder, LIBRARY)
                    .map(library -> new Nvrtc(library, newest(folder, BUILTINS)))
                    .stream())
        .findFirst();
  }

  private static Optional<Path> newest(Path folder, Pattern name) {
    return list(folder)
        .filter(file -> name.matcher(file.getFileName().toString()).matches())
        .max(Comparator.comparing(file -> file.getFileName().toString()));
  }

  private static Stream<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    } catch (IOException e) {
      return Stream.empty(); // a folder that cannot be read holds nothing to load
    }
  }

  private static Optional<String> text(@Nullable String value) {
    return Optional.ofNullable(value).filter(text -> !text.isBlank());
  }
}
