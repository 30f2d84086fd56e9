package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.LibTorchStreams;
import dev.jlora.ffi.TensorHandles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies batches from the host to a GPU while the GPU still processes the previous batch: through
 * page-locked memory, on a side stream. The host never waits.
 *
 * <p>The allocator reuses memory of the side stream in that stream's order, without regard to
 * kernels on the main stream that read it. A batch is therefore held until the next one is queued,
 * and a copy waits on the device for the end of the batch before the last: the one whose memory it
 * may get. Confined to one thread; owns the last batch and its events until it is closed.
 *
 * <p>Without CUDA streams in this build, or with {@code -Djlora.uploads=plain}, copies are
 * synchronous.
 */
public final class BatchUploader implements AutoCloseable {
  private static final int NO_TIMING = 2;
  private static final int EVENTS = 3;

  private final Device device;
  private final boolean aside;
  private Scope held = Scope.detached();
  private long stream;
  private long[] events = new long[0];
  private long batches;

  private BatchUploader(Device device) {
    this.device = device;
    this.aside =
        device.kind() == Device.Kind.CUDA
            && LibTorchStreams.available()
            && !System.getProperty("jlora.uploads", "aside").equals("plain");
  }

  /** Creates uploads to a device. */
  public static BatchUploader to(Device device) {
    return new BatchUploader(device);
  }

  /**
   * Queues the copies of a batch. The source tensors may be freed at once.
   *
   * @return the same names, on the device, owned by the current scope
   */
  public Map<String, Tensor> upload(Map<String, Tensor> batch) {
    Map<String, Tensor> there = new LinkedHashMap<>();
    if (!aside) {
      batch.forEach((name, tensor) -> there.put(name, tensor.to(device)));
      return there;
    }
    long main = current();
    begin(main);
    List<Tensor> copies = new ArrayList<>();
    onSideStream(() -> batch.values().forEach(tensor -> copies.add(copied(tensor))));
    long arrived = events[2];
    check(LibTorchStreams.record(arrived, stream), () -> "cudaEventRecord");
    check(LibTorchStreams.await(main, arrived, 0), () -> "cudaStreamWaitEvent");
    int i = 0;
    for (String name : batch.keySet()) {
      there.put(name, copies.get(i++));
    }
    hold(copies);
    return there;
  }

  /** Marks the end of the last batch, and makes the copies wait for the end of the one before. */
  private void begin(long main) {
    if (events.length == 0) {
      NativeCall call = NativeCall.local();
      check(
          LibTorchStreams.fromPool(false, device.index(), call.out), () -> "cuda_stream_from_pool");
      stream = call.outLong();
      events = new long[EVENTS];
      for (int i = 0; i < EVENTS; i++) {
        check(LibTorchStreams.newEvent(call.out, NO_TIMING), () -> "cudaEventCreate");
        events[i] = call.outLong();
      }
    }
    long ended = events[(int) (batches % 2)];
    long endedBefore = events[(int) ((batches + 1) % 2)];
    check(LibTorchStreams.record(ended, main), () -> "cudaEventRecord");
    if (batches > 0) {
      check(LibTorchStreams.await(stream, endedBefore, 0), () -> "cudaStreamWaitEvent");
    }
    batches++;
  }

  private void onSideStream(Runnable work) {
    NativeCall call = NativeCall.local();
    check(LibTorchStreams.newGuard(stream, device.index(), call.out), () -> "create_stream_guard");
    long guard = call.outLong();
    try {
      work.run();
    } finally {
      LibTorchStreams.deleteGuard(guard);
    }
  }

  private Tensor copied(Tensor tensor) {
    Tensor there = Tensor.empty(tensor.dtype(), device, tensor.rawShape());
    try (var _ = Scope.open()) {
      Tensor pinned = pinned(tensor);
      check(
          TensorHandles.copy(there.handle(), pinned.handle(), 1),
          () -> "copy_(%s on %s)".formatted(there.describe(), device));
    }
    return there;
  }

  /** A page-locked copy; libtorch keeps its memory until the GPU has read it. */
  private static Tensor pinned(Tensor tensor) {
    NativeCall call = NativeCall.local();
    call.writeShape(tensor.rawShape(), Shapes.contiguousStrides(tensor.rawShape()));
    check(
        LibTorchStreams.emptyPinned(
            tensor.rank(), call.sizes, call.strides, tensor.dtype().code(), 0, 0, call.out),
        () -> "empty_pinned" + tensor.describe());
    Tensor pinned = Tensor.own(call, call.outLong());
    pinned.copyFrom(tensor);
    return pinned;
  }

  private long current() {
    NativeCall call = NativeCall.local();
    check(LibTorchStreams.current(device.index(), call.out), () -> "current_cuda_stream");
    return call.outLong();
  }

  private void hold(List<Tensor> copies) {
    Scope last = held;
    held = Scope.detached();
    copies.forEach(copy -> held.adopt(copy.share()));
    last.close();
  }

  @Override
  public void close() {
    if (!held.closed()) {
      held.close();
    }
    for (long event : events) {
      LibTorchStreams.deleteEvent(event);
    }
    events = new long[0];
  }

  /** Waits for all work that this thread queued on a device; returns at once on the CPU. */
  public static void synchronize(Device device) {
    if (device.kind() != Device.Kind.CUDA) {
      return;
    }
    NativeCall call = NativeCall.local();
    check(LibTorchStreams.current(device.index(), call.out), () -> "current_cuda_stream");
    long main = call.outLong();
    check(LibTorchStreams.synchronize(main, device.index()), () -> "stream_synchronize");
  }
}
