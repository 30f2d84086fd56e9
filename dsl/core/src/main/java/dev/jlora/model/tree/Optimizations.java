package dev.jlora.model.tree;

import dev.jlora.model.runtime.Module;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides what a network leaves out of the computation that its tree declares. A tree only declares
 * what is computed; the decisions are made here, while the modules are built from it. A layer kind
 * defines how it computes less ({@link Layer#buildForFirstToken}, {@link Layer#supportsUnpadded}),
 * but not whether it does.
 */
final class Optimizations {
  private final Set<String> outputs;

  /**
   * @param outputs the outputs that every pass has, see {@link Architecture#outputs}
   */
  Optimizations(List<String> outputs) {
    this.outputs = Set.copyOf(outputs);
  }

  /**
   * First token only: layers whose result is only read at the first token compute only that token,
   * unless they have an output that every pass has.
   */
  Layer optimized(Layer layer) {
    if (!(layer instanceof Sequence sequence)) {
      return layer;
    }
    List<Layer> parts = sequence.parts();
    int reader = 0;
    while (reader < parts.size() && !parts.get(reader).readsOnlyFirstToken()) {
      reader++;
    }
    if (reader == 0 || reader == parts.size()) {
      return layer;
    }
    Layer read = new Sequence(parts.subList(0, reader));
    if (outputsOf(read).stream().anyMatch(outputs::contains)) {
      return layer;
    }
    List<Layer> steps = new ArrayList<>(List.of(new ForFirstToken(read)));
    steps.addAll(parts.subList(reader, parts.size()));
    return new Sequence(steps);
  }

  /** No padding: a stack of blocks gets the unpadded tokens if every block supports that. */
  boolean leavesOutPadding(List<Layer> blocks) {
    return blocks.stream().allMatch(Layer::supportsUnpadded);
  }

  /** The names of the outputs of a layer and those inside it. */
  static Set<String> outputsOf(Layer layer) {
    Set<String> names = new HashSet<>(layer.outputs());
    layer.parts().forEach(part -> names.addAll(outputsOf(part)));
    return names;
  }

  /** Stands for a layer of the tree that is built for a reader of the first token. */
  private record ForFirstToken(Layer layer) implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return layer.buildForFirstToken(assembly);
    }
  }
}
