package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;

import dev.jlora.ffi.LibTorchStreams;

/**
 * A CUDA stream from libtorch's pool, in addition to the current stream of a thread. libtorch's
 * allocator reuses memory only on the stream it was allocated on, so a stream that nothing else
 * uses has memory of its own.
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
   * The next stream of a device's pool; libtorch has 32 and returns them in turn.
   *
   * @throws DeviceException if this libtorch lacks the required functions
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

  /** The {@code cudaStream_t}. */
  public long handle() {
    return handle;
  }

  /**
   * Runs work with this stream as the current one. It is ordered after everything queued on the
   * current stream, and before everything that stream queues later; the host does not wait.
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
        e.addSuppressed(broken); // of a GPU that failed, only the first failure tells why
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

  /** Frees the resources of this object; the stream belongs to libtorch. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibTorchStreams.deleteEvent(event);
    }
  }
}
