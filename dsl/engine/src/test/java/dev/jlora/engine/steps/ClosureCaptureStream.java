package dev.jlora.engine.steps;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Captures closures on the CPU: replaying one calls it again, capturing one has no effect. */
public final class ClosureCaptureStream implements CaptureStream {
  private final Supplier<List<Tensor>> results;
  int asides;
  int made;
  public int reruns;
  public int closedCaptures;
  boolean closed;
  boolean intact = true;
  public @Nullable RuntimeException refusal;

  /**
   * @param results the tensors that captured work writes to and does not free
   */
  public ClosureCaptureStream(Supplier<List<Tensor>> results) {
    this.results = results;
  }

  @Override
  public void aside(Runnable work) {
    asides++;
    work.run();
  }

  @Override
  public Captured capture(Runnable work, Capture.@Nullable Origin origin) {
    if (refusal != null) {
      throw refusal;
    }
    try (var _ = Scope.open();
        var _ = Capture.begin(origin)) {
      List<Tensor> tensors = results.get();
      List<Tensor> before = tensors.stream().map(Ops::clone).toList();
      work.run();
      for (int i = 0; i < before.size(); i++) {
        tensors.get(i).copyFrom(before.get(i));
      }
    }
    made++;
    return new Closure(work);
  }

  @Override
  public boolean intact() {
    boolean was = intact;
    intact = true;
    return was;
  }

  @Override
  public void close() {
    closed = true;
  }

  private final class Closure implements Captured {
    private final Runnable work;

    Closure(Runnable work) {
      this.work = work;
    }

    @Override
    public void run() {
      reruns++;
      work.run();
    }

    @Override
    public OptionalInt nodes() {
      return OptionalInt.empty();
    }

    @Override
    public void close() {
      closedCaptures++;
    }
  }
}
