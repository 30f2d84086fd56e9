package dev.jlora.model.tree;

import dev.jlora.model.Aliases;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A declared model: the tree, and what its checkpoints are like.
 *
 * @param name the transformers class it stands for ({@code BertForSequenceClassification})
 * @param root the tree; a pass starts it with the first of {@code inputs}
 * @param inputs the batch entries it reads, the main one first; all but the first may be absent
 * @param basePrefix what the base model is called inside a model with a head ({@code bert}); a
 *     checkpoint may have been saved with or without it
 * @param heads modules a new task may bring fresh where the checkpoint has none
 * @param otherHeads modules that checkpoints of this family may hold for other tasks: not read
 * @param tied names a checkpoint may store twice, to the name this model reads
 * @param buffers names that are no parameters, to be passed over
 * @param outputEmbedding the module that maps to the vocabulary, which `all-linear` leaves alone
 *     (empty if none)
 * @param maxPositions the longest sequence, in tokens; 0 where nothing limits it
 * @param aliases other names that checkpoints and adapters may have for its modules
 */
public record Architecture(
    String name,
    Layer root,
    List<String> inputs,
    String basePrefix,
    List<String> heads,
    List<String> otherHeads,
    Map<String, String> tied,
    Set<String> buffers,
    String outputEmbedding,
    long maxPositions,
    Aliases aliases) {
  public Architecture {
    inputs = List.copyOf(inputs);
    heads = List.copyOf(heads);
    otherHeads = List.copyOf(otherHeads);
    tied = Map.copyOf(tied);
    buffers = Set.copyOf(buffers);
  }

  /** Starts a declaration. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** The tree with its names, one layer a line. */
  public String tree() {
    return TreePrinter.print(root);
  }

  /** Collects the parts of an architecture; {@link #root} ends it. */
  public static final class Builder {
    private final String name;
    private List<String> inputs = List.of();
    private String basePrefix = "";
    private List<String> heads = List.of();
    private List<String> otherHeads = List.of();
    private Map<String, String> tied = Map.of();
    private Set<String> buffers = Set.of();
    private String outputEmbedding = "";
    private long maxPositions;
    private Aliases aliases = Aliases.NONE;

    private Builder(String name) {
      this.name = name;
    }

    /** The inputs it reads, the main one first: {@code input_ids}, {@code attention_mask}. */
    public Builder inputs(String... names) {
      inputs = List.of(names);
      return this;
    }

    /** What the base model is called inside a model with a head: {@code bert}. */
    public Builder basePrefix(String prefix) {
      basePrefix = prefix;
      return this;
    }

    /** Modules a new task may bring fresh where the checkpoint has none. */
    public Builder heads(String... modules) {
      heads = List.of(modules);
      return this;
    }

    /** Modules that checkpoints may hold for other tasks: not read. */
    public Builder otherHeads(List<String> modules) {
      otherHeads = modules;
      return this;
    }

    /** Names a checkpoint may store twice, to the name this model reads. */
    public Builder tied(Map<String, String> names) {
      tied = names;
      return this;
    }

    /** Names that are no parameters, to be passed over. */
    public Builder buffers(String... names) {
      buffers = Set.of(names);
      return this;
    }

    /** The module that maps to the vocabulary, which {@code all-linear} leaves alone. */
    public Builder outputEmbedding(String module) {
      outputEmbedding = module;
      return this;
    }

    /** The longest sequence it takes; 0 for any. */
    public Builder maxPositions(long tokens) {
      maxPositions = tokens;
      return this;
    }

    /** Other names under which checkpoints have these parameters. */
    public Builder aliases(Aliases names) {
      aliases = names;
      return this;
    }

    /** Ends the declaration: what it computes, in order. */
    public Architecture root(Layer... parts) {
      return new Architecture(
          name,
          new Sequence(List.of(parts)),
          inputs,
          basePrefix,
          heads,
          otherHeads,
          tied,
          buffers,
          outputEmbedding,
          maxPositions,
          aliases);
    }
  }
}
