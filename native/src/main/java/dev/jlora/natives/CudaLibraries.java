package dev.jlora.natives;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * The CUDA libraries. The driver is installed with the GPU, cuBLAS and the runtime are those that
 * libtorch is linked to, and NVRTC is next to them or in one of {@link CudaFolders}. Each is opened
 * on first use, so a machine without CUDA opens none.
 */
public final class CudaLibraries {
  static final String DRIVER = "libcuda.so.1";

  private CudaLibraries() {}

  /**
   * The CUDA driver.
   *
   * @throws NativeLoadException if there is none
   */
  public static SymbolLookup driver() {
    return driver(DRIVER);
  }

  static SymbolLookup driver(String name) {
    try {
      return SymbolLookup.libraryLookup(name, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new NativeLoadException(
          "This machine has no NVIDIA driver: %s cannot be loaded.".formatted(name),
          "install the GPU's driver (nvidia-smi shows whether it works), or run on the CPU.",
          e);
    }
  }

  /**
   * Symbols of libtorch's CUDA build, and of the runtime and cuBLAS that it is linked to.
   *
   * @throws NativeLoadException if libtorch was built without CUDA
   */
  public static SymbolLookup torch() {
    NativeTorch torch = NativeTorch.load();
    if (!torch.cudaBuild()) {
      throw new NativeLoadException(
          "%s was built without CUDA: there is no libtorch_cuda.so next to it.".formatted(torch),
          "let %s name the torch/lib of a CUDA build of PyTorch, or build with -Pcuda."
              .formatted(Settings.LIBTORCH_VARIABLE));
    }
    return torch.symbols();
  }

  /**
   * The NVRTC compiler. It finds its built-ins by name only, so these are opened first.
   *
   * @throws NativeLoadException if there is none, or if it cannot be loaded
   */
  public static SymbolLookup nvrtc() {
    CudaFolders folders = CudaFolders.current();
    String remedy =
        "let %s name a folder that contains libnvrtc.so, such as the lib64 of a CUDA toolkit or the"
                .formatted(CudaFolders.VARIABLE)
            + " lib folder of the Python package nvidia-cuda-nvrtc.";
    Optional<CudaFolders.Nvrtc> found = folders.nvrtc();
    if (found.isEmpty()) {
      throw new NativeLoadException(
          "NVRTC, which compiles jlora's CUDA kernels, is in none of %s."
              .formatted(folders.folders()),
          remedy);
    }
    found.get().builtins().ifPresent(builtins -> DynamicLoader.open(builtins, remedy));
    return DynamicLoader.open(found.get().library(), remedy);
  }

  /** Whether {@link #nvrtc()} would find a library to open. */
  public static boolean hasNvrtc() {
    return CudaFolders.current().nvrtc().isPresent();
  }
}
