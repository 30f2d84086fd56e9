package dev.jlora.model.attention;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Built attention, from projected queries, keys and values to the joined result of all heads; made
 * by {@link AttentionHeads#build}. It splits heads, normalizes and rotates them, stores keys and
 * values in the pass's cache, and applies the batch's attention mask, on padded batches [B, S, ...]
 * and on unpadded ones, [1, T, ...].
 *
 * <p>Differentiable. Results belong to the current scope. Immutable: passes of several threads may
 * share it.
 */
public final class AttentionBlock {
  private final AttentionHeads heads;
  private final @Nullable Module queryNorm;
  private final @Nullable Module keyNorm;
  private final AttentionCore core;

  /** Whether the projections are attended to as they are, so that a fused tensor need not split. */
  private final boolean plain;

  AttentionBlock(
      AttentionHeads heads,
      @Nullable Module queryNorm,
      @Nullable Module keyNorm,
      AttentionCore core) {
    this.heads = heads;
    this.queryNorm = queryNorm;
    this.keyNorm = keyNorm;
    this.core = core;
    this.plain =
        heads.parts().isEmpty() && heads.rotary() == null && heads.count() == heads.keyHeads();
  }

  /**
   * Attention over separate projections of the same tokens.
   *
   * @param q [B, S, count * d], in any floating dtype
   * @param k [B, S, keyHeads * d]
   * @param v [B, S, keyHeads * d]
   * @return [B, S, count * d], in q's dtype
   * @throws dev.jlora.model.ModelException if a width is not a multiple of its number of heads, or
   *     the rotary frequencies are for heads of another size
   */
  public Tensor attend(Tensor q, Tensor k, Tensor v, ForwardContext pass) {
    RotaryAngles angles = angles(q, pass);
    Tensor queries = queries(q, angles, pass);
    return mix(queries, keys(k, angles, pass), values(v, pass), pass);
  }

  /**
   * Attention over one projection that contains, for each token, the queries of all heads, then
   * their keys, then their values. Without norms, rotation and shared key heads it is computed in
   * place.
   *
   * @param fused [B, S, (count + 2 keyHeads) * d]
   * @return [B, S, count * d], as for separate projections
   */
  public Tensor attend(Tensor fused, ForwardContext pass) {
    int all = heads.count() + 2 * heads.keyHeads();
    long width = AttentionCore.width(fused, all);
    if (plain && pass.cache() == null && pass.prefix() == null) {
      return core.attend(fused, heads.count(), scale(width), pass);
    }
    Tape tape = pass.tape();
    long keys = heads.count() * width;
    long values = keys + heads.keyHeads() * width;
    return attend(
        Functions.slice(tape, fused, 2, 0, keys),
        Functions.slice(tape, fused, 2, keys, values),
        Functions.slice(tape, fused, 2, values, all * width),
        pass);
  }

  /**
   * The angles that rotate queries and keys; null without rotary positions.
   *
   * @param x the input of the projections, or one of them
   */
  @Nullable RotaryAngles angles(Tensor x, ForwardContext pass) {
    return heads.rotary() == null ? null : RotaryAngles.of(heads.rotary(), x, pass);
  }

  /** Projected queries [B, S, count * d] as heads [B, count, S, d]. */
  Tensor queries(Tensor q, @Nullable RotaryAngles angles, ForwardContext pass) {
    return split(q, heads.count(), queryNorm, angles, pass);
  }

  /** Projected keys [B, S, keyHeads * d] as heads [B, keyHeads, S, d]. */
  Tensor keys(Tensor k, @Nullable RotaryAngles angles, ForwardContext pass) {
    return split(k, heads.keyHeads(), keyNorm, angles, pass);
  }

  /** Projected values [B, S, keyHeads * d] as heads [B, keyHeads, S, d]. */
  Tensor values(Tensor v, ForwardContext pass) {
    return split(v, heads.keyHeads(), null, null, pass);
  }

  private static Tensor split(
      Tensor x,
      int count,
      @Nullable Module norm,
      @Nullable RotaryAngles angles,
      ForwardContext pass) {
    Tape tape = pass.tape();
    Tensor perHead = AttentionCore.perHead(tape, x, count);
    Tensor normed = norm == null ? perHead : norm.forward(perHead, pass);
    Tensor split = Functions.transpose(tape, normed, 1, 2);
    return angles == null ? split : angles.turn(tape, split);
  }

  /** Attention of heads, to [B, S, count * d]. */
  Tensor mix(Tensor queries, Tensor keys, Tensor values, ForwardContext pass) {
    return core.attend(queries, keys, values, scale(queries.size(-1)), pass);
  }

  private double scale(long width) {
    return heads.scale() == 0 ? 1 / Math.sqrt(width) : heads.scale();
  }
}
