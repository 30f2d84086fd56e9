package dev.jlora.model.layers;

import dev.jlora.autograd.UnpaddedFunctions;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.Named;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stack of blocks named 0, 1, 2, ...; the input and the result of each block are the model's
 * {@code hidden_states.0..n} if a pass requests them.
 *
 * <p>Every block runs in its own scope, so that its temporaries are freed at its end, and a block's
 * input is freed once the next has its own; the tape keeps what its backward needs. A checkpointing
 * pass keeps only the input of each block.
 *
 * <p>In an unpadded pass, the blocks get only the tokens that count, [1, T, ...], if the network is
 * built so; the result is written back into the batch.
 */
public record Repeat(List<Layer> blocks) implements Layer {
  public Repeat {
    blocks = List.copyOf(blocks);
  }

  @Override
  public List<Layer> parts() {
    List<Layer> parts = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      parts.add(new Named(Integer.toString(i), blocks.get(i)));
    }
    return parts;
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    return stack(parts().stream().map(assembly::build).toList(), assembly);
  }

  /** The last block is computed for the first token. */
  @Override
  public Module buildForFirstToken(Assembly assembly) {
    if (blocks.isEmpty()) {
      return Layer.super.buildForFirstToken(assembly);
    }
    List<Layer> parts = parts();
    List<Module> built = new ArrayList<>();
    parts.subList(0, parts.size() - 1).forEach(part -> built.add(assembly.build(part)));
    built.add(assembly.buildForFirstToken(parts.getLast()));
    return stack(built, assembly);
  }

  private Module stack(List<Module> built, Assembly assembly) {
    boolean unpads = assembly.leavesOutPadding(blocks);
    return (input, pass) -> {
      UnpaddedRows rows = unpads ? pass.keptRows() : null;
      boolean fits = rows != null && input.size(0) == rows.batch() && input.size(1) == rows.width();
      return fits && !built.isEmpty()
          ? unpadded(built, input, rows, pass)
          : through(built, input, null, pass);
    };
  }

  /** Runs all blocks without padding; a last block for first tokens returns only those. */
  private static Tensor unpadded(
      List<Module> blocks, Tensor input, UnpaddedRows rows, ForwardContext pass) {
    try (var _ = Scope.open()) {
      Tensor tokens = UnpaddedFunctions.unpad(pass.tape(), input, rows);
      Tensor y = through(blocks, tokens, rows, pass);
      boolean whole = y.size(0) == 1 && y.size(1) == rows.tokens();
      return Scope.moveOut(whole ? UnpaddedFunctions.pad(pass.tape(), y, rows) : y);
    }
  }

  /**
   * @param rows the unpadded rows; null for a padded batch
   */
  private static Tensor through(
      List<Module> blocks, Tensor input, @Nullable UnpaddedRows rows, ForwardContext pass) {
    Tensor x = input;
    handOut(0, x, pass);
    for (int i = 0; i < blocks.size(); i++) {
      Tensor y = run(blocks.get(i), x, rows, pass);
      boolean own = i > 0 || rows != null; // unpadded tokens were made for the blocks
      if (own && y != x && !pass.wantsHiddenStates()) {
        x.close();
      }
      x = y;
      handOut(i + 1, x, pass);
    }
    return x;
  }

  private static Tensor run(
      Module block, Tensor x, @Nullable UnpaddedRows rows, ForwardContext pass) {
    return pass.checkpointing()
        ? pass.tape().checkpoint(pass.random(), x, input -> inOwnScope(block, input, rows, pass))
        : inOwnScope(block, x, rows, pass);
  }

  private static Tensor inOwnScope(
      Module block, Tensor input, @Nullable UnpaddedRows rows, ForwardContext pass) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(pass.within(rows, () -> block.forward(input, pass)));
    }
  }

  private static void handOut(int index, Tensor x, ForwardContext pass) {
    if (pass.wantsHiddenStates()) {
      pass.output("hidden_states." + index, x);
    }
  }
}
