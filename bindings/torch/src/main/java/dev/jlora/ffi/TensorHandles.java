// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Tensors of libtorch's stable C ABI: creation, deletion, properties and in-place writes. Handles
 * are long. Methods return 0 for success, as in LibTorch.
 */
public final class TensorHandles {
  private static final Downcalls C =
      Downcalls.torch(
          "aoti_torch_new_tensor_handle",
          "aoti_torch_new_uninitialized_tensor",
          "aoti_torch_delete_tensor_object",
          "aoti_torch_empty_strided",
          "aoti_torch_create_tensor_from_blob",
          "aoti_torch__reinterpret_tensor",
          "aoti_torch_is_defined",
          "aoti_torch_get_data_ptr",
          "aoti_torch_get_dim",
          "aoti_torch_get_dtype",
          "aoti_torch_get_device_type",
          "aoti_torch_get_device_index",
          "aoti_torch_get_sizes",
          "aoti_torch_get_strides",
          "aoti_torch_copy_",
          "aoti_torch_zero_",
          "aoti_torch_aten_fill__Scalar",
          "torch_set_requires_grad");

  private TensorHandles() {}

  private static final class NewTensorHandle {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_new_tensor_handle", DESCRIPTOR);
  }

  /**
   * Creates another handle to the same tensor.
   *
   * <pre>{@code
   * int32_t aoti_torch_new_tensor_handle(jlora_tensor tensor, jlora_tensor *result);
   * }</pre>
   */
  public static int newTensorHandle(long tensor, MemorySegment result) {
    try {
      return (int) NewTensorHandle.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class NewUndefinedTensor {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    static final MethodHandle HANDLE =
        C.required("aoti_torch_new_uninitialized_tensor", DESCRIPTOR);
  }

  /**
   * Creates a handle to an undefined tensor: None for an argument of type Tensor.
   *
   * <pre>{@code
   * int32_t aoti_torch_new_uninitialized_tensor(jlora_tensor *result);
   * }</pre>
   */
  public static int newUndefinedTensor(MemorySegment result) {
    try {
      return (int) NewUndefinedTensor.HANDLE.invokeExact(result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DeleteTensor {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("aoti_torch_delete_tensor_object", DESCRIPTOR);
  }

  /**
   * Deletes a handle. The memory is freed with the last handle or view that shares it.
   *
   * <pre>{@code
   * int32_t aoti_torch_delete_tensor_object(jlora_tensor tensor);
   * }</pre>
   */
  public static int deleteTensor(long tensor) {
    try {
      return (int) DeleteTensor.HANDLE.invokeExact(tensor);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class EmptyStrided {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
            JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_empty_strided", DESCRIPTOR);
  }

  /**
   * Creates an uninitialized tensor, 64-byte aligned on the CPU. Strides are in elements;
   * dev.jlora.tensor defines the codes of dtypes and devices.
   *
   * <pre>{@code
   * int32_t aoti_torch_empty_strided(int64_t rank, const int64_t *sizes, const int64_t *strides,
   *                                  int32_t dtype, int32_t device_type, int32_t device_index,
   *                                  jlora_tensor *result);
   * }</pre>
   */
  public static int emptyStrided(
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      int dtype,
      int deviceType,
      int deviceIndex,
      MemorySegment result) {
    try {
      return (int)
          EmptyStrided.HANDLE.invokeExact(
              rank, sizes, strides, dtype, deviceType, deviceIndex, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class TensorFromBlob {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
            JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
            ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_create_tensor_from_blob", DESCRIPTOR);
  }

  /**
   * Creates a tensor over the caller's memory, which must outlive every view. data must not be
   * null.
   *
   * <pre>{@code
   * int32_t aoti_torch_create_tensor_from_blob(void *data, int64_t rank, const int64_t *sizes,
   *                                            const int64_t *strides, int64_t storage_offset,
   *                                            int32_t dtype, int32_t device_type,
   *                                            int32_t device_index, jlora_tensor *result);
   * }</pre>
   */
  public static int tensorFromBlob(
      MemorySegment data,
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      long storageOffset,
      int dtype,
      int deviceType,
      int deviceIndex,
      MemorySegment result) {
    try {
      return (int)
          TensorFromBlob.HANDLE.invokeExact(
              data, rank, sizes, strides, storageOffset, dtype, deviceType, deviceIndex, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class TensorFromOwnedBlob {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(
            JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
            ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    static final @Nullable MethodHandle HANDLE = C.optional("torch_from_blob", DESCRIPTOR);
  }

  /** Whether the library has {@link #tensorFromOwnedBlob}. */
  public static boolean hasTensorFromOwnedBlob() {
    return TensorFromOwnedBlob.HANDLE != null;
  }

  /**
   * Creates a tensor over memory that deleter(data, context) frees after the last view, on any
   * thread. layout is 0 and metadata null. data must not be null: libtorch would allocate instead.
   * Since 2.11.
   *
   * <pre>{@code
   * int32_t torch_from_blob(void *data, int64_t rank, const int64_t *sizes, const int64_t *strides,
   *                         int64_t storage_offset, int32_t dtype, int32_t device_type,
   *                         int32_t device_index, jlora_tensor *result, int32_t layout,
   *                         const uint8_t *metadata, int64_t metadata_size, jlora_deleter deleter,
   *                         void *context);
   * }</pre>
   */
  public static int tensorFromOwnedBlob(
      MemorySegment data,
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      long storageOffset,
      int dtype,
      int deviceType,
      int deviceIndex,
      MemorySegment result,
      int layout,
      MemorySegment metadata,
      long metadataSize,
      MemorySegment deleter,
      MemorySegment context) {
    try {
      return (int)
          TensorFromOwnedBlob.HANDLE.invokeExact(
              data,
              rank,
              sizes,
              strides,
              storageOffset,
              dtype,
              deviceType,
              deviceIndex,
              result,
              layout,
              metadata,
              metadataSize,
              deleter,
              context);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Reinterpret {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch__reinterpret_tensor", DESCRIPTOR);
  }

  /**
   * Creates a view of any shape; offset is relative to the first element. Nothing is checked.
   *
   * <pre>{@code
   * int32_t aoti_torch__reinterpret_tensor(jlora_tensor tensor, int64_t rank, const int64_t *sizes,
   *                                        const int64_t *strides, int64_t offset,
   *                                        jlora_tensor *result);
   * }</pre>
   */
  public static int reinterpret(
      long tensor,
      long rank,
      MemorySegment sizes,
      MemorySegment strides,
      long offset,
      MemorySegment result) {
    try {
      return (int) Reinterpret.HANDLE.invokeExact(tensor, rank, sizes, strides, offset, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class IsDefined {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_is_defined", DESCRIPTOR);
  }

  /**
   * Whether the tensor is defined, as one byte.
   *
   * <pre>{@code
   * int32_t aoti_torch_is_defined(jlora_tensor tensor, bool *result);
   * }</pre>
   */
  public static int isDefined(long tensor, MemorySegment result) {
    try {
      return (int) IsDefined.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DataPointer {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_get_data_ptr", DESCRIPTOR);
  }

  /**
   * The address of the first element, including the storage offset.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_data_ptr(jlora_tensor tensor, void **result);
   * }</pre>
   */
  public static int dataPointer(long tensor, MemorySegment result) {
    try {
      return (int) DataPointer.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Rank {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_get_dim", DESCRIPTOR);
  }

  /**
   * The number of dimensions.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_dim(jlora_tensor tensor, int64_t *result);
   * }</pre>
   */
  public static int rank(long tensor, MemorySegment result) {
    try {
      return (int) Rank.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Dtype {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_get_dtype", DESCRIPTOR);
  }

  /**
   * The code of the dtype.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_dtype(jlora_tensor tensor, int32_t *result);
   * }</pre>
   */
  public static int dtype(long tensor, MemorySegment result) {
    try {
      return (int) Dtype.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DeviceType {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_get_device_type", DESCRIPTOR);
  }

  /**
   * The code of the device type: 0 is CPU, 1 is CUDA.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_device_type(jlora_tensor tensor, int32_t *result);
   * }</pre>
   */
  public static int deviceType(long tensor, MemorySegment result) {
    try {
      return (int) DeviceType.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DeviceIndex {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_get_device_index", DESCRIPTOR);
  }

  /**
   * The index of the device among those of its type.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_device_index(jlora_tensor tensor, int32_t *result);
   * }</pre>
   */
  public static int deviceIndex(long tensor, MemorySegment result) {
    try {
      return (int) DeviceIndex.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Sizes {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_get_sizes", DESCRIPTOR);
  }

  /**
   * A pointer to the sizes, valid as long as the tensor object.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_sizes(jlora_tensor tensor, int64_t **result);
   * }</pre>
   */
  public static int sizes(long tensor, MemorySegment result) {
    try {
      return (int) Sizes.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Strides {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_get_strides", DESCRIPTOR);
  }

  /**
   * A pointer to the strides in elements, valid as long as the tensor object.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_strides(jlora_tensor tensor, int64_t **result);
   * }</pre>
   */
  public static int strides(long tensor, MemorySegment result) {
    try {
      return (int) Strides.HANDLE.invokeExact(tensor, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Copy {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    static final MethodHandle HANDLE = C.required("aoti_torch_copy_", DESCRIPTOR);
  }

  /**
   * Copies source into tensor; dtypes and devices may differ.
   *
   * <pre>{@code
   * int32_t aoti_torch_copy_(jlora_tensor tensor, jlora_tensor source, int32_t non_blocking);
   * }</pre>
   */
  public static int copy(long tensor, long source, int nonBlocking) {
    try {
      return (int) Copy.HANDLE.invokeExact(tensor, source, nonBlocking);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Zero {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("aoti_torch_zero_", DESCRIPTOR);
  }

  /**
   * Fills the tensor with zeros.
   *
   * <pre>{@code
   * int32_t aoti_torch_zero_(jlora_tensor tensor);
   * }</pre>
   */
  public static int zero(long tensor) {
    try {
      return (int) Zero.HANDLE.invokeExact(tensor);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Fill {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_DOUBLE);
    static final MethodHandle HANDLE = C.required("aoti_torch_aten_fill__Scalar", DESCRIPTOR);
  }

  /**
   * Fills the tensor with a number.
   *
   * <pre>{@code
   * int32_t aoti_torch_aten_fill__Scalar(jlora_tensor tensor, double value);
   * }</pre>
   */
  public static int fill(long tensor, double value) {
    try {
      return (int) Fill.HANDLE.invokeExact(tensor, value);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class RequiresGrad {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_BOOLEAN);
    static final MethodHandle HANDLE = C.required("torch_set_requires_grad", DESCRIPTOR);
  }

  /**
   * Sets whether the tensor is a leaf of libtorch's autograd.
   *
   * <pre>{@code
   * int32_t torch_set_requires_grad(jlora_tensor tensor, bool requires_grad);
   * }</pre>
   */
  public static int requiresGrad(long tensor, boolean requiresGrad) {
    try {
      return (int) RequiresGrad.HANDLE.invokeExact(tensor, requiresGrad);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
