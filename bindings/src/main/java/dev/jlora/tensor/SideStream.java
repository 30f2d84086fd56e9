package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.LibTorchStreams;

/**
 * One of libtorch's streams beside the one that a thread's operators go to. libtorch's allocator
 * keeps what is freed for the stream that it was made on, so a stream that nothing else uses has
 * memory of its own.
 */
public final class SideStream implements AutoCloseable {
  private static final int NO_TIMING = 2;

  private final int index;
  private final long handle;
  private final long event;
  private boolean closed;

  private SideStream(int index, long handle, long event) {
    this.index = index;
    this.handle = handle;
    this.event = event;
  }

  /**
   * The next one of the pool of a device; libtorch has 32 and gives them out in turn.
   *
   * @throws DeviceException if this libtorch does not have what it takes
   */
  public static SideStream of(Device device) {
    if (device.kind() != Device.Kind.CUDA || !LibTorchStreams.available()) {
      throw new DeviceException(
          "side stream: got %s, expected a CUDA device of a libtorch with streams"
              .formatted(device),
          "use a libtorch of 2.10 or newer that was built for CUDA");
    }
    NativeCall call = NativeCall.local();
    check(LibTorchStreams.fromPool(false, device.index(), call.out), () -> "cuda_stream_from_pool");
    long handle = call.outLong();
    check(LibTorchStreams.newEvent(call.out, NO_TIMING), () -> "cudaEventCreate");
    return new SideStream(device.index(), handle, call.outLong());
  }

  /** The stream, a {@code cudaStream_t}. */
  public long handle() {
    return handle;
  }

  /**
   * Runs work with this stream as the current one. It begins after all that the current stream has
   * queued, and what that queues later begins after it; the host waits for neither.
   */
  public void run(Runnable work) {
    NativeCall call = NativeCall.local();
    check(LibTorchStreams.current(index, call.out), () -> "current_cuda_stream");
    long main = call.outLong();
    order(main, handle);
    check(LibTorchStreams.newGuard(handle, index, call.out), () -> "create_stream_guard");
    long guard = call.outLong();
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      LibTorchStreams.deleteGuard(guard);
      try {
        order(handle, main);
      } catch (TorchException broken) {
        e.addSuppressed(broken); // of a card that failed, only the first failure tells why
      }
      throw e;
    }
    LibTorchStreams.deleteGuard(guard);
    order(handle, main);
  }

  private void order(long first, long second) {
    check(LibTorchStreams.record(event, first), () -> "cudaEventRecord");
    check(LibTorchStreams.await(second, event, 0), () -> "cudaStreamWaitEvent");
  }

  /** Frees what is its own; the stream stays libtorch's. Twice is as good as once. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibTorchStreams.deleteEvent(event);
    }
  }
}
