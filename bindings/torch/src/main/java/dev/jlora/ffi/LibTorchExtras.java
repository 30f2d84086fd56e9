// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * C++ functions that libtorch exports although they are not part of its stable ABI. Each is
 * optional, and callers have a fallback.
 */
public final class LibTorchExtras {
  private static final Downcalls C = Downcalls.torch();

  private LibTorchExtras() {}

  private static final class SetThreads {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.ofVoid(JAVA_INT);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN2at15set_num_threadsEi", DESCRIPTOR);
  }

  /** Whether the library has {@link #setThreads}. */
  public static boolean hasSetThreads() {
    return SetThreads.HANDLE != null;
  }

  /**
   * at::set_num_threads(int), for the whole process; count &gt;= 1.
   *
   * <pre>{@code
   * void _ZN2at15set_num_threadsEi(int32_t count);
   * }</pre>
   */
  public static void setThreads(int count) {
    try {
      SetThreads.HANDLE.invokeExact(count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class InitLogging {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.ofVoid();
    static final @Nullable MethodHandle HANDLE = C.optional("_ZN3c1011initLoggingEv", DESCRIPTOR);
  }

  /** Whether the library has {@link #initLogging}. */
  public static boolean hasInitLogging() {
    return InitLogging.HANDLE != null;
  }

  /**
   * c10::initLogging(): applies TORCH_CPP_LOG_LEVEL.
   *
   * <pre>{@code
   * void _ZN3c1011initLoggingEv(void);
   * }</pre>
   */
  public static void initLogging() {
    try {
      InitLogging.HANDLE.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DefaultGenerator {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN2at6detail22getDefaultCPUGeneratorEv", DESCRIPTOR);
  }

  /** Whether the library has {@link #defaultGenerator}. */
  public static boolean hasDefaultGenerator() {
    return DefaultGenerator.HANDLE != null;
  }

  /**
   * at::detail::getDefaultCPUGenerator(): owned by libtorch; its first 8 bytes point to the
   * implementation.
   *
   * <pre>{@code
   * void *_ZN2at6detail22getDefaultCPUGeneratorEv(void);
   * }</pre>
   */
  public static MemorySegment defaultGenerator() {
    try {
      return (MemorySegment) DefaultGenerator.HANDLE.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class SetSeed {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN2at16CPUGeneratorImpl16set_current_seedEm", DESCRIPTOR);
  }

  /** Whether the library has {@link #setSeed}. */
  public static boolean hasSetSeed() {
    return SetSeed.HANDLE != null;
  }

  /**
   * at::CPUGeneratorImpl::set_current_seed(uint64_t), on the implementation of a generator.
   *
   * <pre>{@code
   * void _ZN2at16CPUGeneratorImpl16set_current_seedEm(void *generator, uint64_t seed);
   * }</pre>
   */
  public static void setSeed(MemorySegment generator, long seed) {
    try {
      SetSeed.HANDLE.invokeExact(generator, seed);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class MutableGrad {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(ADDRESS, ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN3c1010TensorImpl12mutable_gradEv", DESCRIPTOR);
  }

  /** Whether the library has {@link #mutableGrad}. */
  public static boolean hasMutableGrad() {
    return MutableGrad.HANDLE != null;
  }

  /**
   * c10::TensorImpl::mutable_grad(): the handle of a leaf's gradient, owned by the leaf.
   *
   * <pre>{@code
   * void *_ZN3c1010TensorImpl12mutable_gradEv(void *tensor_impl);
   * }</pre>
   */
  public static MemorySegment mutableGrad(MemorySegment tensorImpl) {
    try {
      return (MemorySegment) MutableGrad.HANDLE.invokeExact(tensorImpl);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class CudaDeviceCount {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_LONG);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN5torch4cuda12device_countEv", DESCRIPTOR);
  }

  /** Whether the library has {@link #cudaDeviceCount}. */
  public static boolean hasCudaDeviceCount() {
    return CudaDeviceCount.HANDLE != null;
  }

  /**
   * torch::cuda::device_count(); 0 without CUDA.
   *
   * <pre>{@code
   * size_t _ZN5torch4cuda12device_countEv(void);
   * }</pre>
   */
  public static long cudaDeviceCount() {
    try {
      return (long) CudaDeviceCount.HANDLE.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class CudaSeed {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.ofVoid(JAVA_LONG);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN5torch4cuda15manual_seed_allEm", DESCRIPTOR);
  }

  /** Whether the library has {@link #cudaSeed}. */
  public static boolean hasCudaSeed() {
    return CudaSeed.HANDLE != null;
  }

  /**
   * torch::cuda::manual_seed_all(uint64_t); no effect without CUDA.
   *
   * <pre>{@code
   * void _ZN5torch4cuda15manual_seed_allEm(uint64_t seed);
   * }</pre>
   */
  public static void cudaSeed(long seed) {
    try {
      CudaSeed.HANDLE.invokeExact(seed);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class GlobalContext {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(ADDRESS);
    static final @Nullable MethodHandle HANDLE = C.optional("_ZN2at13globalContextEv", DESCRIPTOR);
  }

  /** Whether the library has {@link #globalContext}. */
  public static boolean hasGlobalContext() {
    return GlobalContext.HANDLE != null;
  }

  /**
   * at::globalContext(): process-wide settings; static.
   *
   * <pre>{@code
   * void *_ZN2at13globalContextEv(void);
   * }</pre>
   */
  public static MemorySegment globalContext() {
    try {
      return (MemorySegment) GlobalContext.HANDLE.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class AllowTf32 {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.ofVoid(ADDRESS, JAVA_BOOLEAN);
    static final @Nullable MethodHandle HANDLE =
        C.optional("_ZN2at7Context18setAllowTF32CuBLASEb", DESCRIPTOR);
  }

  /** Whether the library has {@link #allowTf32}. */
  public static boolean hasAllowTf32() {
    return AllowTf32.HANDLE != null;
  }

  /**
   * at::Context::setAllowTF32CuBLAS(bool), on the global context: allows TF32 for fp32 products.
   *
   * <pre>{@code
   * void _ZN2at7Context18setAllowTF32CuBLASEb(void *context, bool allowed);
   * }</pre>
   */
  public static void allowTf32(MemorySegment context, boolean allowed) {
    try {
      AllowTf32.HANDLE.invokeExact(context, allowed);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
