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

/** The loaded libtorch as a whole: version, threads, seed, devices. */
public final class Torch {

  /** Loads on first use, so that merely naming {@link Torch} costs nothing. */
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

  private static volatile boolean tf32;

  private Torch() {}

  /**
   * Loads libtorch if that has not happened yet.
   *
   * @throws RuntimeException if none can be found or loaded; the message says what to do
   */
  public static void ensureLoaded() {
    if (abiVersion() == 0) {
      throw new IllegalStateException("libtorch reports no ABI version");
    }
  }

  static long abiVersion() {
    return Loaded.ABI;
  }

  /** Version of the library, such as {@code 2.13.0}. */
  public static String version() {
    long abi = abiVersion();
    return "%d.%d.%d".formatted(abi >>> 56, abi >>> 48 & 0xff, abi >>> 40 & 0xff);
  }

  /** Folder the libraries were loaded from. */
  public static Path folder() {
    return Loaded.NATIVE.folder();
  }

  /** Threads of the pool that operators run on. */
  public static int threads() {
    NativeCall call = NativeCall.local();
    check(LibTorch.threads(call.out), () -> "get_num_threads");
    return call.outInt();
  }

  /**
   * Sets the threads of libtorch's pool. The BLAS behind it stays on one thread each: a pool of its
   * own would fight for the cores.
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
   * Seeds libtorch's default generators as {@code torch.manual_seed} does. Without a seed they
   * start anywhere.
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
   * Seeds the generators of all GPUs, and not that of the CPU; does nothing without a GPU.
   *
   * @throws UnrecordableException while work is recorded: what is drawn would be drawn again
   */
  public static void seedDevices(long seed) {
    Recording.refuse("a draw from libtorch's generator");
    ensureLoaded();
    if (LibTorchExtras.hasCudaSeed()) {
      LibTorchExtras.cudaSeed(seed);
    }
  }

  /**
   * Lets a GPU round the factors of FLOAT32 products to 10 bits of mantissa (TF32), which is
   * faster; off at first, as in PyTorch. Other products and the CPU do not change.
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

  /** Whether {@link #allowTf32} allowed it. */
  public static boolean tf32() {
    return tf32;
  }

  /** Whether this libtorch was built for CUDA; whether there is a device is another question. */
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
