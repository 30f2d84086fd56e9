package dev.jlora.model.tree;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import java.util.List;

/**
 * A block of a stack that reads the parameters of a block of the checkpoint: stacks with repeated
 * blocks share their weights. Its modules have their own paths, so that adapters attach to each.
 *
 * @param source the name of the block in the checkpoint's stack, a sibling of this one's
 */
public record Replica(String source, Layer block) implements Layer {

  /** Whether a tree contains replicas. */
  public static boolean isIn(Layer root) {
    return root instanceof Replica || root.parts().stream().anyMatch(Replica::isIn);
  }

  @Override
  public List<Layer> parts() {
    return List.of(block);
  }

  @Override
  public boolean tokenwise() {
    return block.tokenwise();
  }

  @Override
  public boolean supportsUnpadded() {
    return block.supportsUnpadded();
  }

  @Override
  public boolean readsOnlyFirstToken() {
    return block.readsOnlyFirstToken();
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    return assembly.reading(source).build(block);
  }

  @Override
  public Module buildForFirstToken(Assembly assembly) {
    return assembly.reading(source).buildForFirstToken(block);
  }
}
