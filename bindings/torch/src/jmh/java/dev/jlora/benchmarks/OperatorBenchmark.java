package dev.jlora.benchmarks;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Operators of jlora on vectors of 16 floats, so small that the way there is nearly all of the
 * time; {@link PlainCallBenchmark} has what they call. What a call makes is freed in the same
 * measurement.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class OperatorBenchmark {
  static final int ELEMENTS = 16;

  private dev.jlora.tensor.Scope scope;
  private Tape off;
  private Tensor a;
  private Tensor b;

  /** Two tensors in a scope of the measuring thread. */
  @Setup
  public void open() {
    scope = dev.jlora.tensor.Scope.open();
    off = Tape.off();
    a = Tensor.ones(DType.FLOAT32, ELEMENTS);
    b = Tensor.ones(DType.FLOAT32, ELEMENTS);
  }

  /** Frees them. */
  @TearDown
  public void close() {
    off.close();
    scope.close();
  }

  /** An operator that goes straight to its kernel. */
  @Benchmark
  public void add() {
    Ops.add(a, b).close();
  }

  /** An operator by its name, through libtorch's dispatcher. */
  @Benchmark
  public void mulDispatched() {
    Ops.mul(a, b).close();
  }

  /** Memory for 16 floats. */
  @Benchmark
  public void empty() {
    Tensor.empty(DType.FLOAT32, ELEMENTS).close();
  }

  /** The same elements in another shape. */
  @Benchmark
  public void view() {
    Views.view(a, 4, 4).close();
  }

  /** Another handle on a tensor. */
  @Benchmark
  public void share() {
    a.share().close();
  }

  /** A scope with nothing in it. */
  @Benchmark
  public void scope() {
    dev.jlora.tensor.Scope.open().close();
  }

  /** A scope around an operator, which it frees. */
  @Benchmark
  public void scopedAdd() {
    try (var _ = dev.jlora.tensor.Scope.open()) {
      Ops.add(a, b);
    }
  }

  /** An operator as a function of a tape that records nothing. */
  @Benchmark
  public void addOffTape() {
    Functions.add(off, a, b).close();
  }

  /** A tape that records one operator and is dropped. */
  @Benchmark
  public void addOnTape() {
    try (var _ = dev.jlora.tensor.Scope.open();
        Tape tape = Tape.recording()) {
      tape.watch(a);
      Functions.add(tape, a, b);
    }
  }
}
