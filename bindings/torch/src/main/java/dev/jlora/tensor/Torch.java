package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;
import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.jlora.ffi.LibC;
import dev.jlora.ffi.LibTorch;
import dev.jlora.ffi.LibTorchExtras;
import dev.jlora.natives.NativeTorch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Global state of the loaded libtorch: version, threads, seed, devices. */
public final class Torch {

  /** Loads on first use, so that referring to {@link Torch} costs nothing. */
  private static final class Loaded {
    static final NativeTorch NATIVE = NativeTorch.load();
    static final long ABI = LibTorch.abiVersion();

    static {
      if (!LibTorch.hasExceptionText() && LibTorchExtras.hasInitLogging()) {
        quietErrors(); // before 2.13 failures go to stderr with a backtrace
      }
    }

    private static void quietErrors() {
      if (System.getenv("TORCH_CPP_LOG_LEVEL") == null) {
        try (Arena arena = Arena.ofConfined()) {
          LibC.setenv(arena.allocateFrom("TORCH_CPP_LOG_LEVEL"), arena.allocateFrom("FATAL"), 0);
        }
        LibTorchExtras.initLogging();
      }
    }
  }

  private static volatile boolean found;
  private static volatile boolean tf32;

  private Torch() {}

  /**
   * Loads libtorch unless it is loaded already.
   *
   * @throws RuntimeException if none can be found or loaded; the message contains the remedy
   */
  public static void ensureLoaded() {
    if (abiVersion() == 0) {
      throw new IllegalStateException("libtorch reports no ABI version");
    }
  }

  static long abiVersion() {
    return loaded() ? Loaded.ABI : 0;
  }

  /**
   * Finds libtorch before {@link Loaded} is initialized: a failure or an interruption in there
   * would make libtorch unusable for the rest of the process.
   */
  private static boolean loaded() {
    if (!found) {
      NativeTorch.load();
      found = true;
    }
    return true;
  }

  /** The library's version, such as {@code 2.13.0}. */
  public static String version() {
    long abi = abiVersion();
    return "%d.%d.%d".formatted(abi >>> 56, abi >>> 48 & 0xff, abi >>> 40 & 0xff);
  }

  /** The folder that the libraries were loaded from. */
  public static Path folder() {
    ensureLoaded();
    return Loaded.NATIVE.folder();
  }

  /** Number of threads in the pool that runs operators. */
  public static int threads() {
    NativeCall call = NativeCall.local();
    check(LibTorch.threads(call.out), () -> "get_num_threads");
    return call.outInt();
  }

  /**
   * Sets the number of threads of libtorch's pool. The BLAS stays on one thread: its own pool would
   * compete for the cores.
   *
   * @throws IllegalArgumentException if the number is not positive
   */
  public static void threads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads: got %d, expected 1 or more".formatted(count));
    }
    ensureLoaded();
    if (LibTorchExtras.hasSetThreads()) {
      LibTorchExtras.setThreads(count);
    }
  }

  /**
   * Seeds libtorch's default generators, as {@code torch.manual_seed} does. Without a seed their
   * state is arbitrary.
   */
  public static void seed(long seed) {
    ensureLoaded();
    if (!LibTorchExtras.hasDefaultGenerator() || !LibTorchExtras.hasSetSeed()) {
      throw new TorchException("this libtorch does not export a way to seed its generator");
    }
    MemorySegment generator = LibTorchExtras.defaultGenerator().reinterpret(Long.BYTES);
    LibTorchExtras.setSeed(generator.get(ADDRESS, 0), seed);
    if (LibTorchExtras.hasCudaSeed()) {
      LibTorchExtras.cudaSeed(seed);
    }
  }

  /**
   * Seeds the generators of all GPUs, but not that of the CPU; does nothing without a GPU.
   *
   * @throws CaptureException during a capture: every replay would draw the same numbers
   */
  public static void seedDevices(long seed) {
    Capture.reject("a draw from libtorch's generator");
    ensureLoaded();
    if (LibTorchExtras.hasCudaSeed()) {
      LibTorchExtras.cudaSeed(seed);
    }
  }

  /**
   * Allows GPUs to round the factors of FLOAT32 products to 10 bits of mantissa (TF32), which is
   * faster. Off by default, as in PyTorch. Other products and the CPU are not affected.
   *
   * @return whether this libtorch has the switch
   */
  public static boolean allowTf32(boolean allowed) {
    ensureLoaded();
    if (!LibTorchExtras.hasGlobalContext() || !LibTorchExtras.hasAllowTf32()) {
      return false;
    }
    LibTorchExtras.allowTf32(LibTorchExtras.globalContext(), allowed);
    tf32 = allowed;
    return true;
  }

  /** Whether TF32 is allowed, see {@link #allowTf32}. */
  public static boolean tf32() {
    return tf32;
  }

  /** Whether this libtorch was built for CUDA; it does not imply that there is a GPU. */
  public static boolean cudaBuild() {
    ensureLoaded();
    return Loaded.NATIVE.cudaBuild();
  }

  /** Number of CUDA devices that libtorch sees; 0 without CUDA or without a driver. */
  public static int cudaDevices() {
    ensureLoaded();
    return Loaded.NATIVE.cudaBuild() && LibTorchExtras.hasCudaDeviceCount()
        ? (int) LibTorchExtras.cudaDeviceCount()
        : 0;
  }
}
