package dev.jlora.kernels;

import dev.jlora.kernels.AttentionTiling.Block;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The work of an attention: one part if the rows of a batch have equal length, one part per row if
 * they are unpadded. A thread takes the next piece when it has finished one, long rows first, so
 * that no thread waits for the longest. The results do not depend on the assignment.
 *
 * @param parts the longest first
 */
record AttentionWork(List<Part> parts) {
  /**
   * A part in which every sequence has the same length.
   *
   * @param token its offset in q and k [1, h, T, d]; 0 for the whole batch
   * @param numbersBefore random numbers used by the rows before it
   */
  record Part(AttentionTiling tiling, long token, long numbersBefore) {
    /** Offset of a block's statistics [b, h, s] among those of the whole batch. */
    long statisticsAt(Block block) {
      long head = (long) block.batch() * tiling.heads() + block.head();
      return token * tiling.heads() + head * tiling.rows() + block.first();
    }
  }

  /** A thread's work on one part: one piece at a time, in memory of its own. */
  interface Worker {
    void run(long piece);

    /** Ends the work of the thread. */
    void close();
  }

  /** The work on q [b, h, s, d] and k [b, h, t, d]. */
  static AttentionWork of(Tensor q, Tensor k, boolean causal, @Nullable UnpaddedRows unpadded) {
    if (unpadded == null) {
      return new AttentionWork(
          List.of(
              new Part(
                  AttentionTiling.of(q.size(0), q.size(1), q.size(2), k.size(2), q.size(3), causal),
                  0,
                  0)));
    }
    List<Part> parts = new ArrayList<>();
    long numbers = 0;
    for (UnpaddedRows.Row row : unpadded.rows()) {
      var tiling = AttentionTiling.of(1, q.size(1), row.length(), row.length(), q.size(3), causal);
      parts.add(new Part(tiling, row.offset(), numbers));
      numbers += tiling.numbers();
    }
    parts.sort(Comparator.comparingInt((Part part) -> part.tiling.rows()).reversed());
    return new AttentionWork(parts);
  }

  /** Number of random numbers that dropout uses. */
  long numbers() {
    return parts.stream().mapToLong(part -> part.tiling.numbers()).sum();
  }

  /**
   * Does all pieces of all parts, on all threads.
   *
   * @param pieces the number of pieces of a part
   * @param open creates a thread's worker for a part; a thread has one at a time
   */
  void share(ToLongFunction<AttentionTiling> pieces, Function<Part, Worker> open) {
    long[] ends = new long[parts.size()];
    long total = 0;
    for (int i = 0; i < ends.length; i++) {
      total += pieces.applyAsLong(parts.get(i).tiling());
      ends[i] = total;
    }
    Parallel.handOut(total, next -> take(next, ends, open));
  }

  private void take(LongSupplier next, long[] ends, Function<Part, Worker> open) {
    Worker worker = null;
    int opened = -1;
    int at = 0;
    for (long piece = next.getAsLong(); piece >= 0; piece = next.getAsLong()) {
      while (piece >= ends[at]) {
        at++;
      }
      if (at != opened) {
        worker = open.apply(parts.get(at));
        opened = at;
      }
      worker.run(at == 0 ? piece : piece - ends[at - 1]);
    }
    if (worker != null) {
      worker.close();
    }
  }
}
