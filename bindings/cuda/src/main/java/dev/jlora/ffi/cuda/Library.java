package dev.jlora.ffi.cuda;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.SymbolLookup;

/** The libraries of CUDA that jlora calls, and what to do where one lacks a function. */
public enum Library {
  DRIVER("libcuda.so.1", "update the NVIDIA driver (nvidia-smi shows its version)"),
  RUNTIME("libcudart", "use a libtorch of CUDA 12 or newer"),
  TORCH("libtorch_cuda", "use libtorch 2.10 or newer, built with CUDA"),
  BLAS("libcublas", "use a libtorch of CUDA 12.5 or newer"),
  BLASLT("libcublasLt", "use a libtorch of CUDA 12 or newer"),
  NVRTC("libnvrtc", "use an NVRTC of CUDA 12 or newer"),
  NCCL("libnccl", "use an NCCL of 2.18 or newer");

  private final String label;
  private final String remedy;

  Library(String label, String remedy) {
    this.label = label;
    this.remedy = remedy;
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
    return switch (this) {
      case DRIVER -> CudaLibraries.driver();
      case NVRTC -> CudaLibraries.nvrtc();
      case RUNTIME, TORCH, BLAS, BLASLT, NCCL -> CudaLibraries.torch();
    };
  }
}
