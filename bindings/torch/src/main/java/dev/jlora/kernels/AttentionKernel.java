package dev.jlora.kernels;

import dev.jlora.ffi.TileProducts;
import dev.jlora.kernels.AttentionTiling.Block;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * softmax(scale q k^T + mask) v with dropout on the probabilities, on tiles that stay in a core's
 * cache (Dao et al., "FlashAttention", 2022, arXiv:2205.14135). Heads and blocks of their rows are
 * distributed over the threads, inputs are read in place, and the output has the memory layout [b,
 * s, h, d], so that joining the heads costs nothing. Backward recomputes the probabilities.
 *
 * <p>The dropout mask is a function of its numbers and of the shapes, independent of threads.
 *
 * @param mask additive, with q's dtype, broadcast to [b, h, s, t]; or null. For unpadded rows one
 *     value per key, [1, 1, 1, T]
 * @param causal whether query i attends only to keys up to i
 * @param drop null for none; its numbers start at {@link #numbers}
 * @param unpadded the rows of an unpadded batch q, k and v [1, h, T, d], each of which attends only
 *     to itself; null for rows of equal length
 */
public record AttentionKernel(
    @Nullable Tensor mask,
    boolean causal,
    double scale,
    @Nullable DropMask drop,
    @Nullable UnpaddedRows unpadded) {
  private static final int MIN_ROWS = 4;
  private static final int MAX_WIDTH = 2 * AttentionTiling.SPAN;

  /**
   * The output, and the statistics for backward.
   *
   * @param out [b, h, s, d], a view of [b, s, h, d]
   * @param statistics [2, b, h, s]: for each row the maximum and the inverse of the sum
   */
  public record Result(Tensor out, Tensor statistics) {}

  /** Attention of a batch whose rows have equal length. */
  public AttentionKernel(
      @Nullable Tensor mask, boolean causal, double scale, @Nullable DropMask drop) {
    this(mask, causal, scale, drop, null);
  }

  /** Whether the kernel supports these inputs. */
  public static boolean serves(Tensor q, Tensor k, Tensor v) {
    boolean dtype =
        switch (q.dtype()) {
          case FLOAT32 -> FloatTiles.multiplies();
          case BFLOAT16 -> TileProducts.hasBfloat16s() && q.size(3) % 2 == 0;
          default -> false;
        };
    return dtype
        && q.device().kind() == Device.Kind.CPU
        && k.dtype() == q.dtype()
        && v.dtype() == q.dtype()
        && v.size(3) == q.size(3)
        && q.size(3) <= MAX_WIDTH
        && q.size(2) >= MIN_ROWS
        && q.elements() > 0
        && k.elements() > 0;
  }

  /** Number of random numbers that dropout on these scores uses. */
  public static long numbers(Tensor q, Tensor k, boolean causal, @Nullable UnpaddedRows unpadded) {
    return AttentionWork.of(q, k, causal, unpadded).numbers();
  }

  /** The output for q [b, h, s, d] and k, v [b, h, t, d], in new memory. */
  public Result forward(Tensor q, Tensor k, Tensor v) {
    AttentionWork work = AttentionWork.of(q, k, causal, unpadded);
    Tensor rows = readable(q);
    Tensor keys = readable(k);
    Tensor values = readable(v);
    Tensor out = likeHeads(q);
    Tensor statistics = Tensor.empty(DType.FLOAT32, 2, q.size(0), q.size(1), q.size(2));
    HeadProducts.Inputs inputs = inputs(rows, keys, values, null);
    HeadView to = HeadView.of(out);
    ScoreMask.Source source = ScoreMask.Source.of(mask, q, k);
    MemorySegment maxima = statistics.memory();
    long half = statistics.elements() / 2;
    work.share(
        AttentionTiling::count,
        part -> {
          HeadProducts products = products(q.dtype(), part, inputs);
          ScoreTile tile = tile(part, source);
          MemorySegment numbers = shared(maxima);
          HeadView written = to.from(part.token());
          return new AttentionWork.Worker() {
            @Override
            public void run(long index) {
              Block block = part.tiling().block(index);
              products.multiplyKeys(block);
              tile.open(block);
              long at = part.statisticsAt(block);
              tile.softmax(products.scores(), numbers, at, half + at);
              products.multiplyValues(block, written);
            }

            @Override
            public void close() {
              products.close();
            }
          };
        });
    return new Result(out, statistics);
  }

  /**
   * The gradients of q, k and v from that of the output, null if not wanted; each with the memory
   * layout [b, s, h, d].
   *
   * @param wanted for q, k, v
   */
  public @Nullable Tensor[] backward(
      Tensor g, Tensor q, Tensor k, Tensor v, Tensor statistics, boolean... wanted) {
    boolean all = !causal || k.size(2) <= q.size(2);
    Tensor dq = wanted[0] ? likeHeads(q) : null;
    Tensor dk = wanted[1] ? gradientLike(k, all) : null;
    Tensor dv = wanted[2] ? gradientLike(v, all) : null;
    backward(g, q, k, v, statistics, dq, dk, dv);
    return new Tensor[] {dq, dk, dv};
  }

  /**
   * Writes the gradients of q, k and v that are not null. Keys that no query attends to are not
   * written.
   *
   * @param dq of q's shape, with rows as dense as q's; dk and dv accordingly
   */
  public void backward(
      Tensor g,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor statistics,
      @Nullable Tensor dq,
      @Nullable Tensor dk,
      @Nullable Tensor dv) {
    AttentionWork work = AttentionWork.of(q, k, causal, unpadded);
    HeadProducts.Gradients to = new HeadProducts.Gradients(view(dq), view(dk), view(dv));
    Tensor rows = readable(q);
    Tensor keys = readable(k);
    Tensor values = readable(v);
    Tensor gradient = readable(g);
    HeadProducts.Inputs inputs = inputs(rows, keys, values, gradient);
    ScoreMask.Source source = ScoreMask.Source.of(mask, q, k);
    MemorySegment maxima = statistics.memory();
    long half = statistics.elements() / 2;
    work.share(
        AttentionTiling::headCount,
        part -> {
          HeadProducts products = products(q.dtype(), part, inputs);
          ScoreTile tile = tile(part, source);
          MemorySegment numbers = shared(maxima);
          HeadProducts.Gradients written = to.from(part.token());
          int blocks = part.tiling().blocks();
          return new AttentionWork.Worker() {
            @Override
            public void run(long head) {
              // the last block first: it sees every key that any block sees
              for (int i = blocks - 1; i >= 0; i--) {
                Block block = part.tiling().block(head * blocks + i);
                products.multiplyKeys(block);
                products.multiplyGradient(block);
                tile.open(block);
                long at = part.statisticsAt(block);
                tile.gradient(
                    products.scores(),
                    products.dropped(),
                    products.gradient(),
                    numbers,
                    at,
                    half + at);
                products.accumulate(block, i < blocks - 1, written);
              }
              products.finish(part.tiling().block(head * blocks), written);
            }

            @Override
            public void close() {
              products.close();
            }
          };
        });
  }

  private HeadProducts products(DType dtype, AttentionWork.Part part, HeadProducts.Inputs inputs) {
    HeadProducts.Inputs own = inputs.from(part.token());
    return dtype == DType.FLOAT32
        ? new FloatProducts(part.tiling(), own, drop != null)
        : new Bfloat16Products(part.tiling(), own, drop != null);
  }

  private ScoreTile tile(AttentionWork.Part part, ScoreMask.@Nullable Source source) {
    ScoreMask added = new ScoreMask(source == null ? null : source.from(part.token()), causal);
    DropMask own = drop == null ? null : drop.after(part.numbersBefore());
    return new ScoreTile((float) scale, added, own, part.tiling().dropTiles());
  }

  private static HeadProducts.Inputs inputs(Tensor q, Tensor k, Tensor v, @Nullable Tensor g) {
    return new HeadProducts.Inputs(HeadView.of(q), HeadView.of(k), HeadView.of(v), view(g));
  }

  private static @Nullable HeadView view(@Nullable Tensor tensor) {
    return tensor == null ? null : HeadView.of(tensor);
  }

  private static Tensor readable(Tensor x) {
    return HeadView.fits(x) ? x : Ops.contiguous(x);
  }

  /** Memory [b, s, h, d] as a view [b, h, s, d]. */
  private static Tensor likeHeads(Tensor x) {
    return Views.transpose(
        Tensor.empty(x.dtype(), x.size(0), x.size(2), x.size(1), x.size(3)), 1, 2);
  }

  private static Tensor gradientLike(Tensor x, boolean allWritten) {
    return allWritten
        ? likeHeads(x)
        : Views.transpose(
            Tensor.zeros(x.dtype(), x.size(0), x.size(2), x.size(1), x.size(3)), 1, 2);
  }

  /** A tensor's memory, accessible from every thread; the caller keeps the tensor alive. */
  private static MemorySegment shared(MemorySegment memory) {
    return MemorySegment.ofAddress(memory.address()).reinterpret(memory.byteSize());
  }
}
