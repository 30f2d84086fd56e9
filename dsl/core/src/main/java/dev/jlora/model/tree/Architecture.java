package dev.jlora.model.tree;

import dev.jlora.model.Aliases;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A declared model: the tree, and properties of its checkpoints.
 *
 * @param name the corresponding transformers class ({@code BertForSequenceClassification})
 * @param root the tree; its input is the first of {@code inputs}
 * @param inputs the batch entries that the model reads, the main one first; all others are optional
 * @param outputs the outputs that every pass has; others before a reader of the first token exist
 *     only in passes that request all tokens
 * @param basePrefix the name of the base model inside a model with a head ({@code bert});
 *     checkpoints may have it or not
 * @param heads modules that may be new for another task and missing in the checkpoint
 * @param otherHeads modules in checkpoints that this model does not read, such as those of other
 *     tasks
 * @param tied names that a checkpoint may store twice, to the name that this model reads
 * @param buffers names that are not parameters and are ignored
 * @param outputEmbedding the module that projects to the vocabulary, excluded from `all-linear`
 *     (empty if none)
 * @param maxPositions maximum sequence length in tokens; 0 for no limit
 * @param aliases other names of its modules in checkpoints and adapters
 */
public record Architecture(
    String name,
    Layer root,
    List<String> inputs,
    List<String> outputs,
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
    outputs = List.copyOf(outputs);
    heads = List.copyOf(heads);
    otherHeads = List.copyOf(otherHeads);
    tied = Map.copyOf(tied);
    buffers = Set.copyOf(buffers);
  }

  /** Starts a declaration. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** The tree with its names, one layer per line. */
  public String tree() {
    return TreePrinter.print(root);
  }

  /** Collects the parts of an architecture; {@link #root} builds it. */
  public static final class Builder {
    private final String name;
    private List<String> inputs = List.of();
    private List<String> outputs = List.of();
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

    /** The inputs, the main one first: {@code input_ids}, {@code attention_mask}. */
    public Builder inputs(String... names) {
      inputs = List.of(names);
      return this;
    }

    /**
     * The outputs that every pass has, such as a base model's {@code last_hidden_state}. Not needed
     * for those of a head.
     */
    public Builder outputs(String... names) {
      outputs = List.of(names);
      return this;
    }

    /** The name of the base model inside a model with a head: {@code bert}. */
    public Builder basePrefix(String prefix) {
      basePrefix = prefix;
      return this;
    }

    /** Modules that may be new for another task and missing in the checkpoint. */
    public Builder heads(String... modules) {
      heads = List.of(modules);
      return this;
    }

    /** Modules of other tasks that checkpoints may contain: not read. */
    public Builder otherHeads(List<String> modules) {
      otherHeads = modules;
      return this;
    }

    /** Names that a checkpoint may store twice, to the name that this model reads. */
    public Builder tied(Map<String, String> names) {
      tied = names;
      return this;
    }

    /** Names that are not parameters and are ignored. */
    public Builder buffers(String... names) {
      buffers = Set.of(names);
      return this;
    }

    /** The module that projects to the vocabulary, excluded from {@code all-linear}. */
    public Builder outputEmbedding(String module) {
      outputEmbedding = module;
      return this;
    }

    /** Maximum sequence length; 0 for no limit. */
    public Builder maxPositions(long tokens) {
      maxPositions = tokens;
      return this;
    }

    /** Other names of these parameters in checkpoints. */
    public Builder aliases(Aliases names) {
      aliases = names;
      return this;
    }

    /** Completes the declaration with the layers, in the order of computation. */
    public Architecture root(Layer... parts) {
      return new Architecture(
          name,
          new Sequence(List.of(parts)),
          inputs,
          outputs,
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
