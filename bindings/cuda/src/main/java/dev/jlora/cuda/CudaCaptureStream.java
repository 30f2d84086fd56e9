package dev.jlora.cuda;

import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.SideStream;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Captures work on a GPU as CUDA graphs, on a dedicated stream.
 *
 * <p>libtorch's allocator reuses freed memory only on the stream it was allocated on. Memory that
 * captured work frees is therefore reused only by other work of this stream: by other graphs, which
 * run one after the other, and by work run {@link #aside}, none of which outlives it. Only when the
 * GPU is full does the allocator return memory to the driver; {@link #intact} detects this.
 */
public final class CudaCaptureStream implements CaptureStream {
  /** Settings that change the allocator's behaviour, on which captures rely. */
  private static final List<String> OTHER_WAYS =
      List.of("backend:", "max_split_size_mb", "garbage_collection_threshold");

  private static final List<String> VARIABLES =
      List.of("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF");

  private final Cuda cuda;
  private final Stream stream;
  private final Consumer<Runnable> aside;
  private final LongSupplier unusedBlock;
  private final List<SideStream> owned;
  private PoolWatch watch;

  /**
   * @param stream to capture
   * @param aside runs work with that stream as the current one
   * @param unusedBlock returns an address in memory that the allocator keeps and no other code
   *     requests
   * @param owned closed with this stream
   */
  CudaCaptureStream(
      Cuda cuda,
      Stream stream,
      Consumer<Runnable> aside,
      LongSupplier unusedBlock,
      List<SideStream> owned) {
    this.cuda = cuda;
    this.stream = stream;
    this.aside = aside;
    this.unusedBlock = unusedBlock;
    this.owned = owned;
    this.watch = new PoolWatch(cuda, unusedBlock.getAsLong());
  }

  /**
   * Creates a capture stream for a device.
   *
   * @throws DeviceException if libtorch's allocator has settings that do not work with captures
   * @throws CudaException if the driver is not compatible with libtorch
   */
  public static CudaCaptureStream of(Device device) {
    requirePlainAllocator(System::getenv);
    Cuda cuda = Cuda.load();
    SideStream side = SideStream.of(device);
    SideStream unused = SideStream.of(device);
    return new CudaCaptureStream(
        cuda,
        new Stream(side.handle()),
        side::run,
        () -> unusedBlock(unused, device),
        List.of(side, unused));
  }

  static void requirePlainAllocator(UnaryOperator<@Nullable String> environment) {
    for (String variable : VARIABLES) {
      String value = environment.apply(variable);
      for (String way : OTHER_WAYS) {
        if (value != null && value.contains(way)) {
          throw new DeviceException(
              "CUDA graphs: got %s=%s, expected libtorch's default allocator settings"
                  .formatted(variable, value),
              "unset the variable, or do not use CUDA graphs");
        }
      }
    }
  }

  /** The address of memory that libtorch keeps for a stream without queued work. */
  private static long unusedBlock(SideStream stream, Device device) {
    long[] address = new long[1];
    stream.run(
        () -> {
          try (var _ = Scope.open()) {
            address[0] = Tensor.empty(DType.UINT8, device, 1).address();
          }
        });
    return address[0];
  }

  @Override
  public void aside(Runnable work) {
    aside.accept(work);
  }

  @Override
  public Captured capture(Runnable work, Capture.@Nullable Origin origin) {
    Graph[] graph = new Graph[1];
    aside.accept(
        () -> {
          try (var _ = Capture.begin(origin)) {
            graph[0] = Graph.record(cuda, stream, work);
          }
        });
    return new CapturedGraph(graph[0], stream);
  }

  @Override
  public boolean intact() {
    boolean intact = watch.intact();
    if (!intact) {
      watch = new PoolWatch(cuda, unusedBlock.getAsLong());
    }
    return intact;
  }

  @Override
  public void close() {
    owned.forEach(SideStream::close);
  }

  private record CapturedGraph(Graph graph, Stream stream) implements Captured {
    @Override
    public void run() {
      graph.launch(stream);
    }

    @Override
    public OptionalInt nodes() {
      return OptionalInt.of(graph.nodes());
    }

    @Override
    public void close() {
      graph.close();
    }
  }
}
