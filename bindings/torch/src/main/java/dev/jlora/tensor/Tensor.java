package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.TensorHandles;
import dev.jlora.profile.Phase;
import dev.jlora.profile.Profiler;
import dev.jlora.tensor.TensorMemory.Storage;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array in libtorch's memory. Shape, strides, dtype and device are immutable; the
 * values are not. A tensor belongs to one {@link Scope} and is freed with it or by {@link
 * #close()}.
 */
public final class Tensor implements AutoCloseable {
  private static final AtomicLong NEXT_ID = new AtomicLong(1);

  private final long id = NEXT_ID.getAndIncrement();
  private final long key;
  private final Layout layout;
  private final Storage storage;
  private long handle;
  private @Nullable Scope owner;

  // links of the owner's list
  @Nullable Tensor previous;
  @Nullable Tensor next;

  private Tensor(long handle, long key, Layout layout, Storage storage) {
    this.handle = handle;
    this.key = key == 0 ? id : key;
    this.layout = layout;
    this.storage = storage;
    Scope scope = Scope.current();
    this.owner = scope;
    scope.link(this);
    LeakDetector.opened(id);
  }

  // ---- made from native handles (this package only)

  /** Takes ownership of a handle on memory that libtorch allocated. */
  static Tensor own(NativeCall call, long handle) {
    Layout layout = Layout.read(call, handle);
    Storage storage = Storage.owned(layout.bytes(), layout.device());
    if (layout.device().host() && TensorMemory.liveBytes() > TensorMemory.budget()) {
      storage.release();
      TensorHandles.deleteTensor(handle);
      TensorMemory.checkRoom(
          layout.bytes(), () -> "the result of shape " + Shapes.text(layout.shape()));
    }
    return new Tensor(handle, 0, layout, storage);
  }

  /** Takes ownership of a handle that views the memory of {@code base}. */
  static Tensor viewOf(long handle, long[] shape, long[] strides, Tensor base, long key) {
    Layout layout = new Layout(shape, strides, base.dtype(), base.device());
    return new Tensor(handle, key, layout, base.storage.retain());
  }

  /** Takes ownership of a handle over memory that libtorch does not own. */
  static Tensor foreign(NativeCall call, long handle) {
    return new Tensor(handle, 0, Layout.read(call, handle), Storage.foreign());
  }

  // ---- public factories

  /** A tensor with uninitialized values. */
  public static Tensor empty(DType dtype, long... shape) {
    return Factories.empty(dtype, Device.CPU, shape);
  }

  /** A tensor with uninitialized values on a device. */
  public static Tensor empty(DType dtype, Device device, long... shape) {
    return Factories.empty(dtype, device, shape);
  }

  /** A tensor of zeros. */
  public static Tensor zeros(DType dtype, long... shape) {
    return Factories.zeros(dtype, Device.CPU, shape);
  }

  /** A tensor of zeros on a device. */
  public static Tensor zeros(DType dtype, Device device, long... shape) {
    return Factories.zeros(dtype, device, shape);
  }

  /** Zeros, with the shape, dtype and device of another tensor. */
  public static Tensor zerosLike(Tensor other) {
    return Factories.zeros(other.dtype(), other.device(), other.rawShape());
  }

  /** Uninitialized values, with the shape, dtype and device of another tensor. */
  public static Tensor emptyLike(Tensor other) {
    return Factories.empty(other.dtype(), other.device(), other.rawShape());
  }

  /** A tensor of ones. */
  public static Tensor ones(DType dtype, long... shape) {
    return full(1, dtype, shape);
  }

  /** A tensor of ones on a device. */
  public static Tensor ones(DType dtype, Device device, long... shape) {
    return Factories.full(1, dtype, device, shape);
  }

  /** A tensor filled with one value. */
  public static Tensor full(double value, DType dtype, long... shape) {
    return Factories.full(value, dtype, Device.CPU, shape);
  }

  /** A tensor filled with one value on a device. */
  public static Tensor full(double value, DType dtype, Device device, long... shape) {
    return Factories.full(value, dtype, device, shape);
  }

  /** A 0-dim tensor. */
  public static Tensor scalar(double value, DType dtype) {
    return full(value, dtype);
  }

  /** A FLOAT32 tensor with a copy of row-major values; without a shape, one dimension. */
  public static Tensor of(float[] values, long... shape) {
    return Factories.of(MemorySegment.ofArray(values), values.length, DType.FLOAT32, shape);
  }

  /** A FLOAT64 tensor with a copy of row-major values; without a shape, one dimension. */
  public static Tensor of(double[] values, long... shape) {
    return Factories.of(MemorySegment.ofArray(values), values.length, DType.FLOAT64, shape);
  }

  /** An INT64 tensor with a copy of row-major values; without a shape, one dimension. */
  public static Tensor of(long[] values, long... shape) {
    return Factories.of(MemorySegment.ofArray(values), values.length, DType.INT64, shape);
  }

  /** A BOOL tensor with a copy of row-major values; without a shape, one dimension. */
  public static Tensor of(boolean[] values, long... shape) {
    return Factories.of(values, shape);
  }

  /**
   * A contiguous CPU tensor over native memory, without a copy. The memory must outlive this tensor
   * and every view of it. If it is mapped read-only, the tensor must not be written.
   *
   * @throws IllegalArgumentException if the segment is on the heap, or its size does not match the
   *     shape
   */
  public static Tensor ofMemory(MemorySegment bytes, DType dtype, long... shape) {
    return Factories.ofMemory(bytes, dtype, shape);
  }

  // ---- what it is

  /** Sizes of the dimensions (a copy). */
  public long[] shape() {
    return layout.shape().clone();
  }

  /** Size of one dimension; negative indices count from the end. */
  public long size(int dim) {
    return layout.shape()[Shapes.dim(dim, rank())];
  }

  /** Number of dimensions; 0 for a scalar. */
  public int rank() {
    return layout.shape().length;
  }

  /** Number of elements. */
  public long elements() {
    return layout.elements();
  }

  /** Strides in elements (a copy). */
  public long[] strides() {
    return layout.strides().clone();
  }

  /** The element type. */
  public DType dtype() {
    return layout.dtype();
  }

  /** The device of its memory. */
  public Device device() {
    return layout.device();
  }

  /** Whether the elements are row-major without gaps. */
  public boolean contiguous() {
    return layout.contiguous();
  }

  /** Whether no other live tensor shares this tensor's memory, so that it may be overwritten. */
  public boolean exclusive() {
    return storage.exclusive();
  }

  /** Autograd identity: equal for handles made by {@link #share()}, different otherwise. */
  public long key() {
    return key;
  }

  /** Address of the first element. */
  public long address() {
    NativeCall call = NativeCall.local();
    check(TensorHandles.dataPointer(handle(), call.out), () -> "get_data_ptr" + describe());
    return call.outLong();
  }

  // ---- values

  /**
   * The bytes of a contiguous CPU tensor, in place. Valid until this tensor closes; do not keep the
   * segment.
   *
   * @throws IllegalStateException if the tensor is not contiguous or not on the CPU
   */
  public MemorySegment memory() {
    return Readout.memory(this);
  }

  /**
   * The same values on a device, owned by the current scope: another handle if the tensor is on
   * that device, a copy otherwise. A copy to the host waits for the device.
   */
  public Tensor to(Device target) {
    if (device().equals(target)) {
      return share();
    }
    Tensor copy = empty(dtype(), target, rawShape());
    copy.copyFrom(this);
    return copy;
  }

  /** The values in row-major order as floats; any dtype, any layout. */
  public float[] toFloats() {
    return Readout.floats(this);
  }

  /** The values in row-major order as doubles; any dtype, any layout. */
  public double[] toDoubles() {
    return Readout.doubles(this);
  }

  /** The values in row-major order as longs; any dtype, any layout; fractions are truncated. */
  public long[] toLongs() {
    return Readout.longs(this);
  }

  /**
   * The value of a one-element tensor.
   *
   * @throws IllegalStateException if there is not exactly one element
   */
  public double item() {
    return Readout.one(this);
  }

  /** Copies another tensor's values into this one, casting and broadcasting as PyTorch does. */
  public void copyFrom(Tensor source) {
    if (!device().equals(source.device())) {
      Capture.reject("a copy from %s to %s".formatted(source.device(), device()));
    }
    check(
        TensorHandles.copy(handle(), source.handle(), 0),
        () -> "copy_(%s, %s)".formatted(describe(), source.describe()));
  }

  // ---- lifetime

  /**
   * Another handle for the same memory with the same autograd identity, owned by the current scope.
   */
  public Tensor share() {
    NativeCall call = NativeCall.local();
    check(
        TensorHandles.newTensorHandle(handle(), call.out), () -> "new_tensor_handle" + describe());
    return new Tensor(call.outLong(), key, layout, storage.retain());
  }

  /**
   * Frees this handle; the memory is freed with the last handle.
   *
   * @throws IllegalStateException if it is closed already
   */
  @Override
  public void close() {
    long freed = handle();
    handle = 0;
    Scope scope = owner;
    owner = null;
    if (scope != null) {
      scope.unlink(this);
    }
    storage.release();
    try (var _ = Profiler.enter(Phase.ALLOCATION)) {
      TensorHandles.deleteTensor(freed);
    }
    LeakDetector.closed(id);
  }

  /** Whether this tensor was closed, by {@link #close()} or with its scope. */
  public boolean closed() {
    return handle == 0;
  }

  /** Number of open tensors. */
  public static long live() {
    return LeakDetector.live();
  }

  /** Bytes of host memory that open tensors own. */
  public static long liveBytes() {
    return TensorMemory.liveBytes();
  }

  @Nullable Scope owner() {
    return owner;
  }

  void moveTo(Scope target) {
    requireOpen();
    if (owner != null) {
      owner.unlink(this);
    }
    owner = target;
    target.link(this);
  }

  void requireOpen() {
    if (handle == 0) {
      String line = LeakDetector.lineOf(id);
      throw new IllegalStateException(
          "%s is closed%s. Move it to a scope that lives longer (Scope.moveOut, Scope.adopt)."
              .formatted(describe(), line == null ? "" : " (made at " + line + ")"));
    }
  }

  long handle() {
    if (handle == 0) {
      requireOpen();
    }
    return handle;
  }

  // unchecked views of the final arrays, for this package
  long[] rawShape() {
    return layout.shape();
  }

  long[] rawStrides() {
    return layout.strides();
  }

  /** Dtype and shape, such as {@code FLOAT32[3, 4]}. */
  public String describe() {
    return layout.toString();
  }

  @Override
  public String toString() {
    String where = device().host() ? "" : " on " + device();
    if (closed()) {
      return describe() + where + " (closed)";
    }
    if (elements() > 32 || device().kind() == Device.Kind.META) {
      return describe() + where;
    }
    return describe() + where + " " + Arrays.toString(toFloats());
  }
}
