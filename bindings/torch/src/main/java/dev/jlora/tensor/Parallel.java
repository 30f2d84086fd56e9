package dev.jlora.tensor;

import static dev.jlora.tensor.NativeCall.check;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.LibTorch;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs Java loops on libtorch's thread pool, so that no second pool competes with it for the cores.
 */
public final class Parallel {
  private static final AtomicLong NEXT = new AtomicLong(1);
  private static final ConcurrentHashMap<Long, Job> JOBS = new ConcurrentHashMap<>();
  private static final MemorySegment ENTRY = entry();

  private Parallel() {}

  /** Work on the range {@code begin} (inclusive) to {@code end} (exclusive). */
  @FunctionalInterface
  public interface Range {
    void run(long begin, long end);
  }

  private static final class Job {
    final Range body;
    volatile @Nullable Throwable failure;

    Job(Range body) {
      this.body = body;
    }
  }

  /**
   * Splits a range over the pool and waits. Pieces have at least {@code grain} elements; a range of
   * one grain or less runs on the calling thread. The body may run on several threads at once; its
   * exceptions are rethrown here.
   */
  public static void forRange(long begin, long end, long grain, Range body) {
    if (end - begin <= grain) {
      if (end > begin) {
        body.run(begin, end);
      }
      return;
    }
    Torch.ensureLoaded();
    long id = NEXT.getAndIncrement();
    Job job = new Job(body);
    JOBS.put(id, job);
    try {
      check(
          LibTorch.parallelFor(begin, end, grain, ENTRY, MemorySegment.ofAddress(id)),
          () -> "parallel_for");
    } finally {
      JOBS.remove(id);
    }
    switch (job.failure) {
      case null -> {}
      case RuntimeException runtime -> throw runtime;
      case Error error -> throw error;
      case Throwable other -> throw new IllegalStateException(other);
    }
  }

  /**
   * Distributes the numbers from 0 to {@code count} (exclusive) dynamically over the pool's threads
   * and waits: each thread takes the next number when it is ready. Suitable for work items of
   * different size, and for shared machines, whose processors do not get equal time. The body runs
   * once on each thread; its supplier returns -1 when no number is left. The assignment is not
   * deterministic.
   */
  public static void handOut(long count, Consumer<LongSupplier> body) {
    AtomicLong handedOut = new AtomicLong();
    LongSupplier next =
        () -> {
          long piece = handedOut.getAndIncrement();
          return piece < count ? piece : -1;
        };
    forRange(0, Math.min(count, Torch.threads()), 1, (_, _) -> body.accept(next));
  }

  /** Called by native threads: an exception thrown out of here would end the process. */
  @SuppressWarnings("unused") // through the upcall stub
  private static void enter(long begin, long end, MemorySegment context) {
    Job job = JOBS.get(context.address());
    if (job == null) {
      return;
    }
    try {
      job.body.run(begin, end);
    } catch (Throwable thrown) {
      job.failure = thrown;
    }
  }

  private static MemorySegment entry() {
    try {
      var method =
          MethodHandles.lookup()
              .findStatic(
                  Parallel.class,
                  "enter",
                  MethodType.methodType(void.class, long.class, long.class, MemorySegment.class));
      return Linker.nativeLinker()
          .upcallStub(
              method, FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, ADDRESS), Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
