package dev.jlora.ffi.cuda;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.SymbolLookup;
import java.util.function.Supplier;

/** The libraries of CUDA that jlora calls, and what to do where one lacks a function. */
public enum Library {
  DRIVER(
      "libcuda.so.1",
      "update the NVIDIA driver (nvidia-smi shows its version)",
      CudaLibraries::driver),
  RUNTIME("libcudart", "use a libtorch of CUDA 12 or newer", CudaLibraries::torch),
  TORCH("libtorch_cuda", "use libtorch 2.10 or newer, built with CUDA", CudaLibraries::torch),
  BLAS("libcublas", "use a libtorch of CUDA 12.5 or newer", CudaLibraries::torch),
  BLASLT("libcublasLt", "use a libtorch of CUDA 12 or newer", CudaLibraries::torch),
  NVRTC("libnvrtc", "use an NVRTC of CUDA 12 or newer", CudaLibraries::nvrtc),
  NCCL("libnccl", "use an NCCL of 2.18 or newer", CudaLibraries::torch);

  private final String label;
  private final String remedy;
  private final Supplier<SymbolLookup> symbols;

  Library(String label, String remedy, Supplier<SymbolLookup> symbols) {
    this.label = label;
    this.remedy = remedy;
    this.symbols = symbols;
  }

  /** Its name as a user knows it. */
  public String label() {
    return label;
  }

  String remedy() {
    return remedy;
  }

  /**
   * The functions of the one on this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  SymbolLookup symbols() {
    return symbols.get();
  }
}
