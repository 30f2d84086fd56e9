package dev.jlora.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * An installed libtorch, for instance from {@code pip install torch} or an unpacked archive.
 *
 * @param folder the folder that contains {@code libtorch.so}
 */
record InstalledTorch(Path folder) {
  /** A CUDA build needs these two first; their names contain CUDA's version. */
  private static final List<String> CUDA_FIRST = List.of("libcudart.so.", "libcupti.so.");

  /**
   * Resolves the folder a user named, or its {@code lib} or {@code torch/lib}.
   *
   * @param setting the setting's name, for messages
   * @throws NativeLoadException if there is no libtorch for this platform
   */
  static InstalledTorch at(Path named, String setting, Platform platform) {
    String remedy =
        "let %s name the folder that contains libtorch.so, such as torch/lib in a Python installation;"
                .formatted(setting)
            + " or remove the setting to use Maven's libtorch.";
    if (!Files.isDirectory(named)) {
      throw new NativeLoadException(
          "%s is %s, which is not a folder.".formatted(setting, named), remedy);
    }
    Path folder =
        Stream.of(named, named.resolve("lib"), named.resolve("torch/lib"))
            .filter(candidate -> Files.isRegularFile(candidate.resolve("libtorch.so")))
            .findFirst()
            .orElseThrow(
                () ->
                    new NativeLoadException(
                        "%s is %s, which contains no libtorch.so.".formatted(setting, named),
                        remedy));
    ElfFile.check(folder.resolve("libtorch.so"), platform, remedy);
    return new InstalledTorch(folder);
  }

  /**
   * The libraries to open, in order, ending with libtorch.so. The run paths inside the libraries
   * lead to those with other names, such as the libgomp of a Python wheel.
   */
  List<Path> inLoadingOrder() {
    List<Path> libraries = new ArrayList<>();
    for (String prefix : CUDA_FIRST) {
      cudaFolders().stream()
          .flatMap(cuda -> list(cuda, prefix))
          .findFirst()
          .ifPresent(libraries::add);
    }
    libraries.addAll(DynamicLoader.inLoadingOrder(folder));
    return libraries;
  }

  /** The wheel's own folder, then site-packages/nvidia/(component)/lib next to it. */
  private List<Path> cudaFolders() {
    List<Path> folders = new ArrayList<>(List.of(folder));
    Path sitePackages = folder.resolve("../..").normalize();
    list(sitePackages.resolve("nvidia"), "").map(part -> part.resolve("lib")).forEach(folders::add);
    return folders;
  }

  private static Stream<Path> list(Path folder, String prefix) {
    if (!Files.isDirectory(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
