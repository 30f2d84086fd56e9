package dev.jlora.cuda;

import dev.jlora.ffi.cuda.Library;
import java.util.Arrays;
import java.util.Optional;

/** Errors of the CUDA libraries, with their meaning and the remedy. */
public enum CudaError {
  CUDA_ERROR_INVALID_VALUE(Library.DRIVER, 1, "an argument is out of range", Text.OURS),
  CUDA_ERROR_OUT_OF_MEMORY(
      Library.DRIVER,
      2,
      "the GPU is out of memory",
      "use a smaller batch or shorter texts; nvidia-smi shows what else uses the GPU"),
  CUDA_ERROR_NOT_INITIALIZED(Library.DRIVER, 3, "the driver was not initialized", Text.OURS),
  CUDA_ERROR_DEINITIALIZED(Library.DRIVER, 4, "the process is ending", Text.OURS),
  CUDA_ERROR_STUB_LIBRARY(
      Library.DRIVER,
      34,
      "libcuda.so.1 is the toolkit's stub, not a driver",
      "take the toolkit's stubs folder out of LD_LIBRARY_PATH"),
  CUDA_ERROR_DEVICE_UNAVAILABLE(
      Library.DRIVER,
      46,
      "another process uses the GPU exclusively",
      "wait for it, or select another GPU with CUDA_VISIBLE_DEVICES"),
  CUDA_ERROR_NO_DEVICE(
      Library.DRIVER,
      100,
      "the driver sees no GPU",
      "check that nvidia-smi lists one and that CUDA_VISIBLE_DEVICES does not hide it"),
  CUDA_ERROR_INVALID_DEVICE(
      Library.DRIVER, 101, "there is no GPU with this index", "./jlora info lists the GPUs"),
  CUDA_ERROR_INVALID_IMAGE(Library.DRIVER, 200, "the machine code is damaged", Text.CACHE),
  CUDA_ERROR_INVALID_CONTEXT(Library.DRIVER, 201, "this thread has no CUDA context", Text.OURS),
  CUDA_ERROR_NO_BINARY_FOR_GPU(
      Library.DRIVER, 209, "the machine code is for another GPU", Text.CACHE),
  CUDA_ERROR_INVALID_PTX(Library.DRIVER, 218, "the driver cannot translate the PTX", Text.CACHE),
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION(
      Library.DRIVER, 222, "the compiler is newer than the driver", Text.DRIVER),
  CUDA_ERROR_INVALID_HANDLE(Library.DRIVER, 400, "invalid handle", Text.OURS),
  CUDA_ERROR_NOT_FOUND(Library.DRIVER, 500, "symbol not found", Text.OURS),
  CUDA_ERROR_NOT_READY(Library.DRIVER, 600, "the work is not done yet", Text.OURS),
  CUDA_ERROR_ILLEGAL_ADDRESS(
      Library.DRIVER, 700, "a kernel accessed memory out of bounds", Text.POISONED),
  CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES(
      Library.DRIVER,
      701,
      "a kernel needs more registers or shared memory than available",
      Text.OURS),
  CUDA_ERROR_LAUNCH_TIMEOUT(
      Library.DRIVER, 702, "a kernel took longer than the system allows", Text.POISONED),
  CUDA_ERROR_ASSERT(
      Library.DRIVER,
      710,
      "a kernel rejected its input (usually a label or an id out of range)",
      Text.POISONED),
  CUDA_ERROR_MISALIGNED_ADDRESS(
      Library.DRIVER, 716, "a kernel accessed a misaligned address", Text.POISONED),
  CUDA_ERROR_LAUNCH_FAILED(Library.DRIVER, 719, "a kernel failed", Text.POISONED),
  CUDA_ERROR_NOT_SUPPORTED(Library.DRIVER, 801, "not supported by this GPU or driver", Text.DRIVER),
  CUDA_ERROR_SYSTEM_NOT_READY(
      Library.DRIVER,
      802,
      "the GPU services of this machine are not running",
      "start nvidia-fabricmanager or nvidia-persistenced"),
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH(
      Library.DRIVER,
      803,
      "the driver's library and kernel module have different versions",
      "restart the machine, or the container with the host's driver"),
  CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE(
      Library.DRIVER, 804, "this GPU does not support forward compatibility", Text.DRIVER),
  CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED(
      Library.DRIVER, 900, "this cannot be captured in a graph", Text.GRAPH),
  CUDA_ERROR_STREAM_CAPTURE_INVALIDATED(
      Library.DRIVER, 901, "the capture of a graph was invalidated before", Text.GRAPH),
  CUDA_ERROR_STREAM_CAPTURE_IMPLICIT(
      Library.DRIVER, 906, "work on the default stream invalidated a capture", Text.GRAPH),
  CUDA_ERROR_UNKNOWN(
      Library.DRIVER, 999, "unknown error of the driver", "see dmesg for lines with NVRM"),

  CUBLAS_STATUS_NOT_INITIALIZED(
      Library.BLAS,
      1,
      "cuBLAS could not be initialized, usually for lack of memory",
      "use a smaller batch; nvidia-smi shows what else uses the GPU"),
  CUBLAS_STATUS_ALLOC_FAILED(
      Library.BLAS, 3, "cuBLAS is out of memory", "use a smaller batch or shorter texts"),
  CUBLAS_STATUS_INVALID_VALUE(Library.BLAS, 7, "a shape or a stride is invalid", Text.OURS),
  CUBLAS_STATUS_ARCH_MISMATCH(
      Library.BLAS, 8, "the GPU does not support this number type", "use fp32 or fp16"),
  CUBLAS_STATUS_MAPPING_ERROR(Library.BLAS, 11, "GPU memory cannot be accessed", Text.POISONED),
  CUBLAS_STATUS_EXECUTION_FAILED(Library.BLAS, 13, "a product failed", Text.POISONED),
  CUBLAS_STATUS_INTERNAL_ERROR(Library.BLAS, 14, "internal error of cuBLAS", Text.POISONED),
  CUBLAS_STATUS_NOT_SUPPORTED(
      Library.BLAS, 15, "cuBLAS does not support a product of these types and strides", Text.OURS),

  NVRTC_ERROR_OUT_OF_MEMORY(Library.NVRTC, 1, "the compiler is out of memory", "free some"),
  NVRTC_ERROR_PROGRAM_CREATION_FAILURE(
      Library.NVRTC, 2, "the compiler could not create the program", Text.OURS),
  NVRTC_ERROR_INVALID_INPUT(Library.NVRTC, 3, "an argument is out of range", Text.OURS),
  NVRTC_ERROR_INVALID_PROGRAM(Library.NVRTC, 4, "invalid handle", Text.OURS),
  NVRTC_ERROR_INVALID_OPTION(
      Library.NVRTC,
      5,
      "the compiler does not support an option, or this GPU",
      "use the NVRTC of a newer CUDA: JLORA_CUDA names its folder"),
  NVRTC_ERROR_COMPILATION(
      Library.NVRTC,
      6,
      "the source does not compile",
      Text.OURS + "; -Djlora.cuda.kernels=off runs without jlora's kernels"),
  NVRTC_ERROR_BUILTIN_OPERATION_FAILURE(
      Library.NVRTC,
      7,
      "the compiler does not find libnvrtc-builtins",
      "put it next to libnvrtc, in the same version"),
  NVRTC_ERROR_INTERNAL_ERROR(Library.NVRTC, 11, "internal error of the compiler", Text.OURS);

  /** Remedies that several errors share. */
  private static final class Text {
    static final String OURS = "report it with this message: it is a mistake in jlora";
    static final String CACHE =
        "delete ~/.jlora/kernels (it is created again), and update the NVIDIA driver if that does"
            + " not help";
    static final String DRIVER = "update the NVIDIA driver (nvidia-smi shows its version)";
    static final String GRAPH = "run without graphs";
    static final String POISONED =
        "restart from the last checkpoint, which is intact: this process can no longer use the GPU."
            + " With CUDA_LAUNCH_BLOCKING=1 the message names the call that failed";

    private Text() {}
  }

  private final Library library;
  private final int code;
  private final String meaning;
  private final String remedy;

  CudaError(Library library, int code, String meaning, String remedy) {
    this.library = library;
    this.code = code;
    this.meaning = meaning;
    this.remedy = remedy;
  }

  static Optional<CudaError> of(Library library, int code) {
    Library table = library == Library.BLASLT ? Library.BLAS : library;
    return Arrays.stream(values())
        .filter(error -> error.library == table && error.code == code)
        .findFirst();
  }

  /** The code that the library returns. */
  public int code() {
    return code;
  }

  /** The meaning, as part of a sentence. */
  public String meaning() {
    return meaning;
  }

  /** The remedy, as part of a sentence. */
  public String remedy() {
    return remedy;
  }

  /** Whether the process can no longer use the GPU. */
  public boolean poisons() {
    return remedy.equals(Text.POISONED);
  }
}
