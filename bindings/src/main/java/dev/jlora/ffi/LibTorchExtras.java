package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * C++ and third-party functions that libtorch happens to export. They are not part of its stable
 * ABI: each is one line here, optional, and whoever calls one has a fallback.
 */
public final class LibTorchExtras {
  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  private static final @Nullable MethodHandle SET_THREADS =
      C.optional("_ZN2at15set_num_threadsEi", null, JAVA_INT);

  /** Whether this libtorch has {@code _ZN2at15set_num_threadsEi}. */
  public static boolean hasSetThreads() {
    return SET_THREADS != null;
  }

  /** {@code at::set_num_threads}; the argument must be positive. */
  public static void setThreads(int threads) {
    try {
      SET_THREADS.invokeExact(threads);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle INIT_LOGGING =
      C.optional("_ZN3c1011initLoggingEv", null);

  /** Whether this libtorch has {@code _ZN3c1011initLoggingEv}. */
  public static boolean hasInitLogging() {
    return INIT_LOGGING != null;
  }

  /** {@code c10::initLogging}: makes TORCH_CPP_LOG_LEVEL count. */
  public static void initLogging() {
    try {
      INIT_LOGGING.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle DEFAULT_GENERATOR =
      C.optional("_ZN2at6detail22getDefaultCPUGeneratorEv", ADDRESS);

  /** Whether this libtorch has {@code _ZN2at6detail22getDefaultCPUGeneratorEv}. */
  public static boolean hasDefaultGenerator() {
    return DEFAULT_GENERATOR != null;
  }

  /** {@code at::detail::getDefaultCPUGenerator}; borrowed. */
  public static MemorySegment defaultGenerator() {
    try {
      return (MemorySegment) DEFAULT_GENERATOR.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle SET_SEED =
      C.optional("_ZN2at16CPUGeneratorImpl16set_current_seedEm", null, ADDRESS, JAVA_LONG);

  /** Whether this libtorch has {@code _ZN2at16CPUGeneratorImpl16set_current_seedEm}. */
  public static boolean hasSetSeed() {
    return SET_SEED != null;
  }

  /** {@code CPUGeneratorImpl::set_current_seed} on the implementation. */
  public static void setSeed(MemorySegment generator, long seed) {
    try {
      SET_SEED.invokeExact(generator, seed);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle MUTABLE_GRAD =
      C.optional("_ZN3c1010TensorImpl12mutable_gradEv", ADDRESS, ADDRESS);

  /** Whether this libtorch has {@code _ZN3c1010TensorImpl12mutable_gradEv}. */
  public static boolean hasMutableGrad() {
    return MUTABLE_GRAD != null;
  }

  /** {@code TensorImpl::mutable_grad}: address of the borrowed gradient. */
  public static MemorySegment mutableGrad(MemorySegment tensorImpl) {
    try {
      return (MemorySegment) MUTABLE_GRAD.invokeExact(tensorImpl);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle CUDA_DEVICE_COUNT =
      C.optional("_ZN5torch4cuda12device_countEv", JAVA_LONG);

  /** Whether this libtorch has {@code _ZN5torch4cuda12device_countEv}. */
  public static boolean hasCudaDeviceCount() {
    return CUDA_DEVICE_COUNT != null;
  }

  /** {@code torch::cuda::device_count}. */
  public static long cudaDeviceCount() {
    try {
      return (long) CUDA_DEVICE_COUNT.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle CUDA_SEED =
      C.optional("_ZN5torch4cuda15manual_seed_allEm", null, JAVA_LONG);

  /** Whether this libtorch has {@code _ZN5torch4cuda15manual_seed_allEm}. */
  public static boolean hasCudaSeed() {
    return CUDA_SEED != null;
  }

  /** {@code torch::cuda::manual_seed_all}; does nothing without CUDA. */
  public static void cudaSeed(long seed) {
    try {
      CUDA_SEED.invokeExact(seed);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle GLOBAL_CONTEXT =
      C.optional("_ZN2at13globalContextEv", ADDRESS);

  private static final @Nullable MethodHandle ALLOW_TF32 =
      C.optional("_ZN2at7Context18setAllowTF32CuBLASEb", null, ADDRESS, JAVA_BOOLEAN);

  /** Whether this libtorch has what {@link #allowTf32} calls. */
  public static boolean hasAllowTf32() {
    return GLOBAL_CONTEXT != null && ALLOW_TF32 != null;
  }

  /** {@code Context::setAllowTF32CuBLAS} of the whole process. */
  public static void allowTf32(boolean allowed) {
    try {
      MemorySegment context = (MemorySegment) GLOBAL_CONTEXT.invokeExact();
      ALLOW_TF32.invokeExact(context, allowed);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }

  private LibTorchExtras() {}
}
