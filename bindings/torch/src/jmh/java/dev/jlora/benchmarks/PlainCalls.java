package dev.jlora.benchmarks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The C functions themselves, bound as the documentation of {@link Linker} shows it: no checks, no
 * scopes, handles as numbers. What jlora adds is measured against these.
 */
final class PlainCalls {
  private static final SymbolLookup TORCH = NativeTorch.load().symbols();

  /** {@code uint64_t aoti_torch_abi_version()}: returns a constant. */
  static final MethodHandle VERSION = bind("aoti_torch_abi_version", JAVA_LONG);

  /** The same without a change of the thread's state. */
  static final MethodHandle VERSION_CRITICAL =
      Linker.nativeLinker()
          .downcallHandle(
              TORCH.findOrThrow("aoti_torch_abi_version"),
              FunctionDescriptor.of(JAVA_LONG),
              Linker.Option.critical(false));

  /** {@code (a, b, double alpha, T* result)}. */
  static final MethodHandle ADD =
      bind("aoti_torch_cpu_add_Tensor", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_DOUBLE, ADDRESS);

  /** {@code (a, b, T* result)}. */
  static final MethodHandle MUL =
      bind("aoti_torch_cpu_mul_Tensor", JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS);

  /** {@code (name, overload, uint64_t* stack, abi version)}. */
  static final MethodHandle DISPATCH =
      bind("torch_call_dispatcher", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);

  /** {@code (t, T* result)}. */
  static final MethodHandle SHARE =
      bind("aoti_torch_new_tensor_handle", JAVA_INT, JAVA_LONG, ADDRESS);

  /** {@code (rank, sizes, strides, dtype, device type, device index, T* result)}. */
  static final MethodHandle EMPTY =
      bind(
          "aoti_torch_empty_strided",
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS);

  /** {@code (t, rank, sizes, strides, offset, T* result)}. */
  static final MethodHandle VIEW =
      bind(
          "aoti_torch__reinterpret_tensor",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          ADDRESS);

  /** {@code (t)}. */
  static final MethodHandle DELETE = bind("aoti_torch_delete_tensor_object", JAVA_INT, JAVA_LONG);

  private PlainCalls() {}

  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... parameters) {
    return Linker.nativeLinker()
        .downcallHandle(TORCH.findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }
}
