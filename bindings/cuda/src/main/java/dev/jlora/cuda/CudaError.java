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
      "the card has no memory left",
      "take a smaller batch or shorter texts; nvidia-smi shows what else uses the card"),
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
      "another process has the card for itself",
      "wait for it, or choose another card with CUDA_VISIBLE_DEVICES"),
  CUDA_ERROR_NO_DEVICE(
      Library.DRIVER,
      100,
      "the driver sees no card",
      "check that nvidia-smi lists one and that CUDA_VISIBLE_DEVICES does not hide it"),
  CUDA_ERROR_INVALID_DEVICE(
      Library.DRIVER, 101, "there is no card of this index", "./jlora info lists the cards"),
  CUDA_ERROR_INVALID_IMAGE(Library.DRIVER, 200, "the machine code is damaged", Text.CACHE),
  CUDA_ERROR_INVALID_CONTEXT(
      Library.DRIVER, 201, "this thread has no context of the card", Text.OURS),
  CUDA_ERROR_NO_BINARY_FOR_GPU(
      Library.DRIVER, 209, "the machine code is for another card", Text.CACHE),
  CUDA_ERROR_INVALID_PTX(Library.DRIVER, 218, "the driver cannot translate the PTX", Text.CACHE),
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION(
      Library.DRIVER, 222, "the compiler is newer than the driver", Text.DRIVER),
  CUDA_ERROR_INVALID_HANDLE(Library.DRIVER, 400, "a handle is none", Text.OURS),
  CUDA_ERROR_NOT_FOUND(Library.DRIVER, 500, "there is no such name", Text.OURS),
  CUDA_ERROR_NOT_READY(Library.DRIVER, 600, "the work is not done yet", Text.OURS),
  CUDA_ERROR_ILLEGAL_ADDRESS(
      Library.DRIVER, 700, "a kernel reached outside of its memory", Text.POISONED),
  CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES(
      Library.DRIVER,
      701,
      "a kernel needs more registers or shared memory than there are",
      Text.OURS),
  CUDA_ERROR_LAUNCH_TIMEOUT(
      Library.DRIVER, 702, "a kernel took longer than the system allows", Text.POISONED),
  CUDA_ERROR_ASSERT(
      Library.DRIVER,
      710,
      "a kernel refused its input (a label or an id that is out of range, as a rule)",
      Text.POISONED),
  CUDA_ERROR_MISALIGNED_ADDRESS(
      Library.DRIVER, 716, "a kernel read at an address that does not fit", Text.POISONED),
  CUDA_ERROR_LAUNCH_FAILED(Library.DRIVER, 719, "a kernel failed", Text.POISONED),
  CUDA_ERROR_NOT_SUPPORTED(Library.DRIVER, 801, "this card or driver cannot do it", Text.DRIVER),
  CUDA_ERROR_SYSTEM_NOT_READY(
      Library.DRIVER,
      802,
      "the machine's services for its cards do not run",
      "start nvidia-fabricmanager or nvidia-persistenced"),
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH(
      Library.DRIVER,
      803,
      "the driver's library and its kernel module are of two versions",
      "restart the machine, or the container with the host's driver"),
  CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE(
      Library.DRIVER, 804, "this card knows no forward compatibility", Text.DRIVER),
  CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED(
      Library.DRIVER, 900, "this cannot be recorded into a graph", Text.GRAPH),
  CUDA_ERROR_STREAM_CAPTURE_INVALIDATED(
      Library.DRIVER, 901, "the recording of a graph was broken before", Text.GRAPH),
  CUDA_ERROR_STREAM_CAPTURE_IMPLICIT(
      Library.DRIVER, 906, "work on the default stream broke a recording", Text.GRAPH),
  CUDA_ERROR_UNKNOWN(
      Library.DRIVER, 999, "the driver does not say what failed", "see dmesg for lines with NVRM"),

  CUBLAS_STATUS_NOT_INITIALIZED(
      Library.BLAS,
      1,
      "cuBLAS could not start, for lack of memory as a rule",
      "take a smaller batch; nvidia-smi shows what else uses the card"),
  CUBLAS_STATUS_ALLOC_FAILED(
      Library.BLAS, 3, "cuBLAS got no memory", "take a smaller batch or shorter texts"),
  CUBLAS_STATUS_INVALID_VALUE(Library.BLAS, 7, "a shape or a stride does not fit", Text.OURS),
  CUBLAS_STATUS_ARCH_MISMATCH(
      Library.BLAS, 8, "the card is too old for this type of numbers", "use fp32 or fp16"),
  CUBLAS_STATUS_MAPPING_ERROR(Library.BLAS, 11, "memory of the card cannot be read", Text.POISONED),
  CUBLAS_STATUS_EXECUTION_FAILED(Library.BLAS, 13, "a product failed", Text.POISONED),
  CUBLAS_STATUS_INTERNAL_ERROR(Library.BLAS, 14, "cuBLAS failed inside", Text.POISONED),
  CUBLAS_STATUS_NOT_SUPPORTED(
      Library.BLAS, 15, "cuBLAS has no product of these types and strides", Text.OURS),

  NVRTC_ERROR_OUT_OF_MEMORY(Library.NVRTC, 1, "the compiler got no memory", "free some"),
  NVRTC_ERROR_PROGRAM_CREATION_FAILURE(
      Library.NVRTC, 2, "the compiler refused the program", Text.OURS),
  NVRTC_ERROR_INVALID_INPUT(Library.NVRTC, 3, "an argument is out of range", Text.OURS),
  NVRTC_ERROR_INVALID_PROGRAM(Library.NVRTC, 4, "a handle is none", Text.OURS),
  NVRTC_ERROR_INVALID_OPTION(
      Library.NVRTC,
      5,
      "the compiler does not know an option, or not this card",
      "use the NVRTC of a newer CUDA: JLORA_CUDA names its folder"),
  NVRTC_ERROR_COMPILATION(
      Library.NVRTC,
      6,
      "the source does not compile",
      Text.OURS + "; -Djlora.cuda.kernels=off does without jlora's kernels"),
  NVRTC_ERROR_BUILTIN_OPERATION_FAILURE(
      Library.NVRTC,
      7,
      "the compiler does not find libnvrtc-builtins",
      "put it into the folder of libnvrtc, in the same version"),
  NVRTC_ERROR_INTERNAL_ERROR(Library.NVRTC, 11, "the compiler failed inside", Text.OURS);

  /** Remedies that several errors share. */
  private static final class Text {
    static final String OURS = "report it with this message: it is a mistake in jlora";
    static final String CACHE =
        "delete ~/.jlora/kernels (it is made again), and update the NVIDIA driver if that does not"
            + " help";
    static final String DRIVER = "update the NVIDIA driver (nvidia-smi shows its version)";
    static final String GRAPH = "run without graphs";
    static final String POISONED =
        "start again from the last checkpoint, which is intact: after this the process cannot use"
            + " the card any more. With CUDA_LAUNCH_BLOCKING=1 the message names the right call";

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
