package dev.jlora.engine.steps;

import dev.jlora.autograd.RandomStream;
import dev.jlora.backend.DeviceCallException;
import dev.jlora.ops.InPlace;
import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureException;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.tensor.TorchException;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures forward and backward of micro-batches with recurring shapes: after a few runs of a shape
 * its work is captured, and from then on replayed with one call. The results are the same.
 *
 * <p>Everything that a capture reads and writes stays at the same address: a copy of the batch, its
 * share of the loss, weights, accumulated losses and gradients, and the dropout position. Share and
 * position are set before each replay. Rare shapes run without a capture; after something that
 * cannot be captured all of them do, which is reported once. The update is not captured: it
 * consists of few calls, and reads numbers on the host.
 */
public final class CapturedPasses implements GradientPasses {
  private static final Logger LOG = LoggerFactory.getLogger(CapturedPasses.class);

  /** Runs of a shape before its capture: libraries choose kernels and allocate memory. */
  public static final int WARM_UP = 3;

  /** Maximum number of captured shapes. */
  static final int MOST = 8;

  /** A capture may be evicted after this many micro-batches without it. */
  static final int STALE = 64;

  private static final int MOST_SEEN = 256;
  private static final int MOST_LOSSES = 3;

  private final CaptureStream captures;
  private final Device device;
  private final RandomStream random;
  private final GradientSum gradients;
  private final Work work;
  private final Scope owner = Scope.detached();
  private final Tensor loss;
  private final Tensor position;
  private final Tensor share;
  private final Map<BatchShape, Integer> seen = new LruMap<>(MOST_SEEN);
  private final Map<BatchShape, RecordedPass> recorded = new LinkedHashMap<>();
  private long passes;
  private int losses;
  private @Nullable String obstacle;

  CapturedPasses(
      CaptureStream captures,
      Device device,
      RandomStream random,
      GradientSum gradients,
      Work work) {
    this.captures = captures;
    this.device = device;
    this.random = random;
    this.gradients = gradients;
    this.work = work;
    try (var _ = Scope.open()) {
      loss = owner.adopt(Tensor.zeros(DType.FLOAT32, device));
      position = owner.adopt(Tensor.zeros(DType.INT64, device, 1));
      share = owner.adopt(Tensor.zeros(DType.FLOAT32, device));
    }
  }

  @Override
  public void begin() {
    gradients.clear();
    InPlace.fill(loss, 0);
  }

  @Override
  public GradientSum gradients() {
    return gradients;
  }

  /** In the current scope. */
  @Override
  public Tensor loss() {
    return loss.share();
  }

  /** The reason why captures are off; null if they are not. */
  @Nullable String obstacle() {
    return obstacle;
  }

  /** Number of captured shapes. */
  int recordings() {
    return recorded.size();
  }

  /** Its memory stays for the next one. */
  @Override
  public void end() {}

  @Override
  public void add(Map<String, Tensor> batch, double part) {
    passes++;
    BatchShape shape = BatchShape.of(batch, part == 1);
    if (!recorded.isEmpty() && !captures.intact()) {
      lost();
    }
    RecordedPass pass = recorded.get(shape);
    int before = seen.merge(shape, 1, Integer::sum) - 1;
    if (pass == null && obstacle == null && before >= WARM_UP && room()) {
      pass = recorded(shape, batch);
    }
    if (pass == null) {
      runAsEver(batch, part);
    } else {
      pass.lastUse = passes;
      rerun(pass, batch, part);
    }
  }

  private void runAsEver(Map<String, Tensor> batch, double part) {
    long held = TensorMemory.liveBytes(device.kind());
    captures.aside(
        () -> {
          set(part);
          sum(batch, part == 1);
        });
    if (TensorMemory.liveBytes(device.kind()) > held) {
      forget(); // something lives on where recordings write
    }
  }

  private void set(double part) {
    if (part != 1) {
      InPlace.fill(share, part);
    }
  }

  private void sum(Map<String, Tensor> batch, boolean whole) {
    try (var _ = Scope.open()) {
      InPlace.add(loss, work.run(batch, whole ? null : share, gradients), 1);
    }
  }

  private void rerun(RecordedPass pass, Map<String, Tensor> batch, double part) {
    long offset = random.offset();
    captures.aside(
        () -> {
          batch.forEach((name, tensor) -> pass.batch.get(name).copyFrom(tensor));
          InPlace.fill(position, offset);
          set(part);
          pass.work.run();
        });
    random.seek(offset + pass.draws);
    gradients.added(pass.touched);
  }

  /** Captures a shape, or records why that is not possible. */
  private @Nullable RecordedPass recorded(BatchShape shape, Map<String, Tensor> batch) {
    long offset = random.offset();
    BitSet others = gradients.touched();
    RecordedPass pass = new RecordedPass(batch);
    gradients.only(new BitSet());
    try {
      pass.work =
          captures.capture(
              () -> sum(pass.batch, shape.whole()), new Capture.Origin(position, offset));
      pass.draws = random.offset() - offset;
      pass.touched = gradients.touched();
      recorded.put(shape, pass);
      return pass;
    } catch (CaptureException | TorchException | DeviceCallException e) {
      giveUp(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return null;
    } finally {
      random.seek(offset);
      gradients.only(others);
      if (pass.work == null) {
        pass.close();
      }
    }
  }

  /** Whether there is room for another capture, possibly by evicting one. */
  private boolean room() {
    if (recorded.size() < MOST) {
      return true;
    }
    var oldest =
        recorded.entrySet().stream()
            .min((a, b) -> Long.compare(a.getValue().lastUse, b.getValue().lastUse))
            .orElseThrow();
    if (passes - oldest.getValue().lastUse < STALE) {
      return false;
    }
    recorded.remove(oldest.getKey()).close();
    return true;
  }

  private void lost() {
    forget();
    losses++;
    if (losses == MOST_LOSSES) {
      giveUp("the GPU is nearly full, and their memory was taken back %d times".formatted(losses));
    }
  }

  private void giveUp(String reason) {
    obstacle = reason;
    forget();
    LOG.warn("CUDA graphs: off, continuing with steps without a graph: {}", reason);
  }

  private void forget() {
    recorded.values().forEach(RecordedPass::close);
    recorded.clear();
  }

  @Override
  public void close() {
    forget();
    captures.close();
    gradients.close();
    owner.close();
  }

  /** The data of one captured shape. */
  private static final class RecordedPass implements AutoCloseable {
    private final Scope owner = Scope.detached();
    private final Map<String, Tensor> batch = new LinkedHashMap<>();
    private CaptureStream.@Nullable Captured work;
    private BitSet touched = new BitSet();
    private long draws;
    private long lastUse;

    RecordedPass(Map<String, Tensor> like) {
      try (var _ = Scope.open()) {
        like.forEach((name, tensor) -> batch.put(name, owner.adopt(Tensor.emptyLike(tensor))));
      }
    }

    @Override
    public void close() {
      if (work != null) {
        work.close();
      }
      owner.close();
    }
  }
}
