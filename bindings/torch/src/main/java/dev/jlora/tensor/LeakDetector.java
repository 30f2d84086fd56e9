package dev.jlora.tensor;

import java.lang.StackWalker.StackFrame;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts live tensors. In debug mode ({@code -Djlora.debug.tensors=true} or {@link
 * #traceAllocations(boolean)}) it also records the line that allocated each one.
 */
public final class LeakDetector {
  private static final AtomicLong LIVE = new AtomicLong();
  private static final Map<Long, String> ALLOCATIONS = new ConcurrentHashMap<>();
  private static final List<String> OWN_PACKAGES =
      List.of("dev.jlora.tensor.", "dev.jlora.ops.", "dev.jlora.autograd.");
  private static volatile boolean tracing = Boolean.getBoolean("jlora.debug.tensors");

  private LeakDetector() {}

  /** Switches the recording of allocating lines on or off; tensors created earlier have none. */
  public static void traceAllocations(boolean on) {
    tracing = on;
    if (!on) {
      ALLOCATIONS.clear();
    }
  }

  /** Number of open tensors. */
  public static long live() {
    return LIVE.get();
  }

  /**
   * The lines that allocated tensors still open, with their counts, such as {@code 12 x
   * Trainer.step(Trainer.java:88)}; empty unless tracing is on.
   */
  public static List<String> report() {
    Map<String, Long> counts =
        ALLOCATIONS.values().stream()
            .collect(Collectors.groupingBy(line -> line, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .map(entry -> entry.getValue() + " x " + entry.getKey())
        .toList();
  }

  static void opened(long id) {
    LIVE.incrementAndGet();
    if (tracing) {
      ALLOCATIONS.put(id, allocatingLine());
    }
  }

  static void closed(long id) {
    LIVE.decrementAndGet();
    if (!ALLOCATIONS.isEmpty()) {
      ALLOCATIONS.remove(id);
    }
  }

  static @Nullable String lineOf(long id) {
    return ALLOCATIONS.get(id);
  }

  /** The first line outside of tensors, operators and tape; null unless tracing is on. */
  static @Nullable String tracedLine() {
    return tracing ? allocatingLine() : null;
  }

  private static String allocatingLine() {
    return StackWalker.getInstance()
        .walk(
            frames -> {
              List<StackFrame> all = frames.limit(64).toList();
              return all.stream()
                  .filter(f -> OWN_PACKAGES.stream().noneMatch(f.getClassName()::startsWith))
                  .findFirst()
                  .or(() -> all.stream().skip(all.size() - 1L).findFirst())
                  .map(LeakDetector::describe)
                  .orElse("unknown");
            });
  }

  private static String describe(StackFrame frame) {
    String[] parts = frame.getClassName().split("\\.");
    String simple = Arrays.asList(parts).getLast();
    return "%s.%s(%s:%d)"
        .formatted(simple, frame.getMethodName(), frame.getFileName(), frame.getLineNumber());
  }
}
