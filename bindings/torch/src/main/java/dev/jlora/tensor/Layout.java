package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.TensorHandles;

/**
 * The immutable properties of a tensor, read from libtorch once when Java takes the handle.
 *
 * @param shape sizes of the dimensions; must not be modified
 * @param strides in elements, one per dimension; must not be modified
 */
record Layout(long[] shape, long[] strides, DType dtype, Device device) {

  /** Reads the layout of a handle. */
  static Layout read(NativeCall call, long handle) {
    check(TensorHandles.rank(handle, call.out), () -> "get_dim");
    int rank = (int) call.outLong();
    check(TensorHandles.sizes(handle, call.out), () -> "get_sizes");
    long[] shape = call.outLongs(rank);
    check(TensorHandles.strides(handle, call.out), () -> "get_strides");
    long[] strides = call.outLongs(rank);
    check(TensorHandles.dtype(handle, call.out), () -> "get_dtype");
    DType dtype = DType.ofCode(call.outInt());
    check(TensorHandles.deviceType(handle, call.out), () -> "get_device_type");
    int type = call.outInt();
    if (type == 0) {
      return new Layout(shape, strides, dtype, Device.CPU);
    }
    check(TensorHandles.deviceIndex(handle, call.out), () -> "get_device_index");
    return new Layout(shape, strides, dtype, Device.ofCodes(type, call.outInt()));
  }

  /** Number of elements. */
  long elements() {
    return Shapes.elements(shape);
  }

  /** Size of the elements in bytes, without gaps. */
  long bytes() {
    return elements() * dtype.bytes();
  }

  /** Whether the elements are row-major without gaps. */
  boolean contiguous() {
    return Shapes.contiguous(shape, strides);
  }

  /** Dtype and shape, such as {@code FLOAT32[3, 4]}. */
  @Override
  public String toString() {
    return dtype + Shapes.text(shape);
  }
}
