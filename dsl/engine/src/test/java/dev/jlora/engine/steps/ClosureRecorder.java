package dev.jlora.engine.steps;

import dev.jlora.ops.Ops;
import dev.jlora.tensor.Recording;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.WorkRecorder;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Records closures on the CPU: to run one again is to call it again; recording leaves no trace. */
public final class ClosureRecorder implements WorkRecorder {
  private final Supplier<List<Tensor>> results;
  int asides;
  int recordings;
  public int reruns;
  public int closedRecordings;
  boolean closed;
  boolean intact = true;
  public @Nullable RuntimeException refusal;

  /**
   * @param results all that recorded work writes to and does not free
   */
  public ClosureRecorder(Supplier<List<Tensor>> results) {
    this.results = results;
  }

  @Override
  public void aside(Runnable work) {
    asides++;
    work.run();
  }

  @Override
  public Recorded record(Runnable work, Recording.@Nullable Origin origin) {
    if (refusal != null) {
      throw refusal;
    }
    try (var _ = Scope.open();
        var _ = Recording.begin(origin)) {
      List<Tensor> tensors = results.get();
      List<Tensor> before = tensors.stream().map(Ops::clone).toList();
      work.run();
      for (int i = 0; i < before.size(); i++) {
        tensors.get(i).copyFrom(before.get(i));
      }
    }
    recordings++;
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

  private final class Closure implements Recorded {
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
      closedRecordings++;
    }
  }
}
