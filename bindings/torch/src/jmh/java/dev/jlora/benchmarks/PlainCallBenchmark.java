package dev.jlora.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
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
 * What there is to compare with: plain Java, calls that do nothing, and the C functions behind the
 * operators of {@link OperatorBenchmark}, on vectors of 16 floats. What a call makes is freed in
 * the same measurement.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(2)
public class PlainCallBenchmark {
  private static final int FLOAT32 = 6;
  private static final MemorySegment MUL_NAME = Arena.global().allocateFrom("aten::mul");
  private static final MemorySegment MUL_OVERLOAD = Arena.global().allocateFrom("Tensor");

  private final float[] left = new float[OperatorBenchmark.ELEMENTS];
  private final float[] right = new float[OperatorBenchmark.ELEMENTS];

  private final MemorySegment out = Arena.global().allocate(JAVA_LONG);
  private final MemorySegment stack = Arena.global().allocate(JAVA_LONG, 4);
  private final MemorySegment sizes =
      Arena.global().allocateFrom(JAVA_LONG, OperatorBenchmark.ELEMENTS);
  private final MemorySegment strides = Arena.global().allocateFrom(JAVA_LONG, 1);
  private final MemorySegment viewSizes = Arena.global().allocateFrom(JAVA_LONG, 4, 4);
  private final MemorySegment viewStrides = Arena.global().allocateFrom(JAVA_LONG, 4, 1);
  private long version;
  private long a;
  private long b;

  /** Two tensors, as handles. */
  @Setup
  public void open() throws Throwable {
    version = (long) PlainCalls.VERSION.invokeExact();
    a = make();
    b = make();
  }

  /** Frees them. */
  @TearDown
  public void close() throws Throwable {
    delete(a);
    delete(b);
  }

  /** A method of Java that is not inlined. */
  @Benchmark
  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  public long javaCall() {
    return version;
  }

  /** The sum of two arrays in a new one. */
  @Benchmark
  public float[] javaAdd() {
    float[] sum = new float[left.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = left[i] + right[i];
    }
    return sum;
  }

  /** A C function that returns a constant. */
  @Benchmark
  public long emptyDowncall() throws Throwable {
    return (long) PlainCalls.VERSION.invokeExact();
  }

  /** The same, as a critical call. */
  @Benchmark
  public long emptyCriticalDowncall() throws Throwable {
    return (long) PlainCalls.VERSION_CRITICAL.invokeExact();
  }

  /** The kernel of add, and the result freed. */
  @Benchmark
  public void add() throws Throwable {
    require((int) PlainCalls.ADD.invokeExact(a, b, 1.0, out));
    delete(result());
  }

  /** The kernel of mul, and the result freed. */
  @Benchmark
  public void mul() throws Throwable {
    require((int) PlainCalls.MUL.invokeExact(a, b, out));
    delete(result());
  }

  /** mul by its name, through libtorch's dispatcher, and the result freed. */
  @Benchmark
  public void mulDispatched() throws Throwable {
    require((int) PlainCalls.SHARE.invokeExact(a, out));
    stack.setAtIndex(JAVA_LONG, 0, result());
    require((int) PlainCalls.SHARE.invokeExact(b, out));
    stack.setAtIndex(JAVA_LONG, 1, result());
    require((int) PlainCalls.DISPATCH.invokeExact(MUL_NAME, MUL_OVERLOAD, stack, version));
    delete(stack.get(JAVA_LONG, 0));
  }

  /** Memory for 16 floats, and freed. */
  @Benchmark
  public void empty() throws Throwable {
    delete(make());
  }

  /** A view, and freed. */
  @Benchmark
  public void view() throws Throwable {
    require((int) PlainCalls.VIEW.invokeExact(a, 2L, viewSizes, viewStrides, 0L, out));
    delete(result());
  }

  private long make() throws Throwable {
    require((int) PlainCalls.EMPTY.invokeExact(1L, sizes, strides, FLOAT32, 0, 0, out));
    return result();
  }

  private long result() {
    return out.get(JAVA_LONG, 0);
  }

  private static void delete(long handle) throws Throwable {
    require((int) PlainCalls.DELETE.invokeExact(handle));
  }

  private static void require(int status) {
    if (status != 0) {
      throw new IllegalStateException("libtorch: got status " + status + ", expected 0");
    }
  }
}
