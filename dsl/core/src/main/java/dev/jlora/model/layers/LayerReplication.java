package dev.jlora.model.layers;

import dev.jlora.model.ModelException;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.LayerRewriter;
import dev.jlora.model.tree.Named;
import dev.jlora.model.tree.Replica;
import dev.jlora.spec.LayerRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Repeats blocks of a declared model: PEFT's {@code layer_replication}. The blocks of the new stack
 * are numbered from 0 and read the weights of those that they repeat.
 */
public final class LayerReplication {
  private static final String KEY = "layer_replication";

  private LayerReplication() {}

  /**
   * The model with the blocks of these ranges, in their order; the same object if there are none,
   * or the model has these blocks already.
   *
   * @throws ModelException if the model does not have exactly one stack of numbered blocks, or a
   *     range exceeds it
   */
  public static Architecture apply(Architecture model, List<LayerRange> ranges) {
    if (ranges.isEmpty()) {
      return model;
    }
    Map<String, Repeat> stacks = new LinkedHashMap<>();
    find("", model.root(), stacks);
    if (stacks.size() != 1) {
      throw new ModelException(
          "%s: %s has %s, expected one stack of numbered layers"
              .formatted(
                  KEY,
                  model.name(),
                  stacks.isEmpty() ? "none" : String.join(" and ", stacks.keySet())));
    }
    String path = stacks.keySet().iterator().next();
    Repeat stack = stacks.get(path);
    List<Integer> order =
        ranges.stream().flatMapToInt(it -> IntStream.range(it.start(), it.end())).boxed().toList();
    if (stack.blocks().getFirst() instanceof Replica) {
      requireOrder(model, stack, order);
      return model;
    }
    int count = stack.blocks().size();
    for (LayerRange range : ranges) {
      if (range.end() > count) {
        throw new ModelException(
            "%s: got %s, expected ranges within the %d layers of %s"
                .formatted(KEY, range.json(), count, path));
      }
    }
    Repeat repeated = new Repeat(order.stream().map(i -> replica(stack, i)).toList());
    Layer root =
        LayerRewriter.rewrite(
            model.root(),
            layer -> {
              if (layer == stack) {
                return repeated;
              }
              return layer instanceof HiddenState last && last.index() == count
                  ? new HiddenState(order.size(), last.body())
                  : layer;
            });
    return copy(model, root, unread(model, path, count, order));
  }

  private static Layer replica(Repeat stack, int index) {
    return new Replica(Integer.toString(index), stack.blocks().get(index));
  }

  private static void requireOrder(Architecture model, Repeat stack, List<Integer> order) {
    List<String> there = stack.blocks().stream().map(it -> ((Replica) it).source()).toList();
    List<String> wanted = order.stream().map(Object::toString).toList();
    if (!there.equals(wanted)) {
      throw new ModelException(
          "%s: the layers of %s are %s of the base model, expected %s"
              .formatted(KEY, model.name(), there, wanted));
    }
  }

  private static void find(String path, Layer layer, Map<String, Repeat> stacks) {
    if (layer instanceof Repeat repeat && !repeat.blocks().isEmpty()) {
      stacks.put(path, repeat);
    }
    String below = layer instanceof Named named ? Assembly.join(path, named.name()) : path;
    layer.parts().forEach(part -> find(below, part, stacks));
  }

  /** The blocks that checkpoints contain and the new stack lacks. */
  private static List<String> unread(
      Architecture model, String path, int count, List<Integer> order) {
    List<String> unread = new ArrayList<>(model.otherHeads());
    String prefix = model.basePrefix() + ".";
    for (int i = 0; i < count; i++) {
      if (!order.contains(i)) {
        String block = path + "." + i;
        unread.add(block);
        if (block.startsWith(prefix)) {
          unread.add(block.substring(prefix.length()));
        }
      }
    }
    return unread;
  }

  private static Architecture copy(Architecture model, Layer root, List<String> unread) {
    return new Architecture(
        model.name(),
        root,
        model.inputs(),
        model.outputs(),
        model.basePrefix(),
        model.heads(),
        unread,
        model.tied(),
        model.buffers(),
        model.outputEmbedding(),
        model.maxPositions(),
        model.aliases());
  }
}
