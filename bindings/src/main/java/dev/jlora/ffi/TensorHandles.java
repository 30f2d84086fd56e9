package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tensors of libtorch's stable C ABI: made, freed, asked and written in place. A handle is a {@code
 * long}; statuses are those of {@link LibTorch}.
 */
public final class TensorHandles {
  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  private static final MethodHandle NEW_TENSOR_HANDLE =
      C.required("aoti_torch_new_tensor_handle", JAVA_INT, JAVA_LONG, ADDRESS);

  /** A second handle on the same TensorImpl; the caller frees it. */
  public static int newTensorHandle(long tensor, MemorySegment out) {
    try {
      return (int) NEW_TENSOR_HANDLE.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle NEW_UNDEFINED_TENSOR =
      C.required("aoti_torch_new_uninitialized_tensor", JAVA_INT, ADDRESS);

  /** A handle on no tensor at all; the caller frees it. */
  public static int newUndefinedTensor(MemorySegment out) {
    try {
      return (int) NEW_UNDEFINED_TENSOR.invokeExact(out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle DELETE_TENSOR =
      C.required("aoti_torch_delete_tensor_object", JAVA_INT, JAVA_LONG);

  /** Frees a handle; the storage dies with its last one. */
  public static int deleteTensor(long tensor) {
    try {
      return (int) DELETE_TENSOR.invokeExact(tensor);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle IS_DEFINED =
      C.required("aoti_torch_is_defined", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Writes one byte: 0 for an absent output. */
  public static int isDefined(long tensor, MemorySegment out) {
    try {
      return (int) IS_DEFINED.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle EMPTY_STRIDED =
      C.required(
          "aoti_torch_empty_strided",
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS);

  /** New uninitialized memory; CPU data is 64-byte aligned. */
  public static int emptyStrided(
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      int dtype,
      int deviceType,
      int deviceIndex,
      MemorySegment out) {
    try {
      return (int)
          EMPTY_STRIDED.invokeExact(rank, sizes, strides, dtype, deviceType, deviceIndex, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle TENSOR_FROM_BLOB =
      C.required(
          "aoti_torch_create_tensor_from_blob",
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS);

  /** A tensor over foreign memory, which must outlive every view of it. */
  public static int tensorFromBlob(
      MemorySegment data,
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      long storageOffset,
      int dtype,
      int deviceType,
      int deviceIndex,
      MemorySegment out) {
    try {
      return (int)
          TENSOR_FROM_BLOB.invokeExact(
              data, rank, sizes, strides, storageOffset, dtype, deviceType, deviceIndex, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final int HOST = 0;
  private static final int ANY_INDEX = -1; // an index of the host's is refused
  private static final int STRIDED = 0;

  private static final @Nullable MethodHandle TENSOR_FROM_OWNED_BLOB =
      C.optional(
          "torch_from_blob",
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);

  /** Whether this libtorch has {@link #tensorFromOwnedBlob}. */
  public static boolean hasTensorFromOwnedBlob() {
    return TENSOR_FROM_OWNED_BLOB != null;
  }

  /**
   * A strided CPU tensor over memory that {@code deleter} frees when the last view of it goes, on
   * whichever thread that happens.
   */
  public static int tensorFromOwnedBlob(
      MemorySegment data,
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      int dtype,
      MemorySegment out,
      MemorySegment deleter) {
    try {
      return (int)
          TENSOR_FROM_OWNED_BLOB.invokeExact(
              data,
              rank,
              sizes,
              strides,
              0L,
              dtype,
              HOST,
              ANY_INDEX,
              out,
              STRIDED,
              MemorySegment.NULL,
              0L,
              deleter,
              MemorySegment.NULL);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle REINTERPRET =
      C.required(
          "aoti_torch__reinterpret_tensor",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          ADDRESS);

  /**
   * Any strided view; nothing is bounds-checked, and the offset is relative to the tensor's own.
   */
  public static int reinterpret(
      long tensor,
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      long offsetIncrement,
      MemorySegment out) {
    try {
      return (int) REINTERPRET.invokeExact(tensor, rank, sizes, strides, offsetIncrement, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle DATA_POINTER =
      C.required("aoti_torch_get_data_ptr", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Address of the first element, storage offset included. */
  public static int dataPointer(long tensor, MemorySegment out) {
    try {
      return (int) DATA_POINTER.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle RANK =
      C.required("aoti_torch_get_dim", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Number of dimensions. */
  public static int rank(long tensor, MemorySegment out) {
    try {
      return (int) RANK.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle SIZES =
      C.required("aoti_torch_get_sizes", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Borrowed pointer to the sizes. */
  public static int sizes(long tensor, MemorySegment out) {
    try {
      return (int) SIZES.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle STRIDES =
      C.required("aoti_torch_get_strides", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Borrowed pointer to the strides, in elements. */
  public static int strides(long tensor, MemorySegment out) {
    try {
      return (int) STRIDES.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle DTYPE =
      C.required("aoti_torch_get_dtype", JAVA_INT, JAVA_LONG, ADDRESS);

  /** The dtype code. */
  public static int dtype(long tensor, MemorySegment out) {
    try {
      return (int) DTYPE.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle DEVICE_TYPE =
      C.required("aoti_torch_get_device_type", JAVA_INT, JAVA_LONG, ADDRESS);

  /** 0 CPU, 1 CUDA. */
  public static int deviceType(long tensor, MemorySegment out) {
    try {
      return (int) DEVICE_TYPE.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle DEVICE_INDEX =
      C.required("aoti_torch_get_device_index", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Index of the device among its kind. */
  public static int deviceIndex(long tensor, MemorySegment out) {
    try {
      return (int) DEVICE_INDEX.invokeExact(tensor, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle COPY =
      C.required("aoti_torch_copy_", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  /** Copies in place, across dtypes and devices. */
  public static int copy(long tensor, long source, int nonBlocking) {
    try {
      return (int) COPY.invokeExact(tensor, source, nonBlocking);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle ZERO = C.required("aoti_torch_zero_", JAVA_INT, JAVA_LONG);

  /** Zeroes in place. */
  public static int zero(long tensor) {
    try {
      return (int) ZERO.invokeExact(tensor);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle FILL =
      C.required("aoti_torch_aten_fill__Scalar", JAVA_INT, JAVA_LONG, JAVA_DOUBLE);

  /** Fills in place. */
  public static int fill(long tensor, double value) {
    try {
      return (int) FILL.invokeExact(tensor, value);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle REQUIRES_GRAD =
      C.required("torch_set_requires_grad", JAVA_INT, JAVA_LONG, JAVA_BOOLEAN);

  /** Marks a leaf for libtorch's own autograd. */
  public static int requiresGrad(long tensor, boolean value) {
    try {
      return (int) REQUIRES_GRAD.invokeExact(tensor, value);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }

  private TensorHandles() {}
}
