package dev.jlora.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LoRA, with the fields and defaults of PEFT's {@code LoraConfig}: y = W x + scaling * B A x.
 *
 * @param rank PEFT's {@code r}; default 8
 * @param alpha PEFT's {@code lora_alpha}, the numerator of the scaling; default 8
 * @param dropout PEFT's {@code lora_dropout}, on the input of A; default 0
 * @param targetModules the modules that get an adapter; null uses the family's default ({@code
 *     query}, {@code value} for BERT)
 * @param excludeModules target modules to exclude; null for none
 * @param bias which biases are trained; default none
 * @param useRslora scaling alpha / sqrt(rank) instead of alpha / rank; default false
 * @param modulesToSave modules trained in full and saved with the adapter, in addition to the head
 *     that the task keeps trainable
 * @param initLoraWeights initialization of A and B; default A Kaiming-uniform and B zero
 * @param rankPattern ranks of individual modules, by a regular expression for the end of their name
 * @param alphaPattern alphas of individual modules, with patterns as in {@code rankPattern}
 * @param layersToTransform indices of the layers that get adapters; null for all
 * @param layersPattern the name before the layer index ({@code layer}); null for the usual ones
 * @param fanInFanOut whether weights are stored [in, out]; replaced by the layout that the model
 *     declares
 * @param ensureWeightTying whether embeddings and output layer stay one weight, if the model ties
 *     them and {@code modulesToSave} names one of them; default false, each is trained separately
 * @param useDora DoRA (Liu et al., arXiv 2402.09353): trains the norms of the weight's rows apart
 *     from their directions, which LoRA changes; default false
 * @param loraBias whether B has a bias; default false
 * @param trainableTokenIndices tokens whose embeddings are trained in place of the base's; null for
 *     none
 * @param layerReplication the layers of the adapted model, as ranges of the base's, which share
 *     their weights; empty for the base's own
 * @param targetParameters parameters that get an adapter, by their names or dotted suffixes of them
 * @param loftqConfig settings of the initialization {@code loftq}; null for PEFT's defaults
 * @param evaConfig settings of the initialization {@code eva}; null for PEFT's defaults
 * @param cordaConfig settings of the initialization {@code corda}; null for PEFT's defaults
 * @param loraGaConfig settings of the initialization {@code lora_ga}; null for PEFT's defaults
 * @param slices the parts of fused projections that get a pair each, by a regular expression for
 *     the end of the projection's name ({@code c_attn}), instead of one pair for all parts; PEFT
 *     has no such setting
 */
public record LoraSpec(
    int rank,
    double alpha,
    double dropout,
    @Nullable Targets targetModules,
    @Nullable Targets excludeModules,
    Bias bias,
    boolean useRslora,
    List<String> modulesToSave,
    LoraInit initLoraWeights,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    @Nullable List<Integer> layersToTransform,
    @Nullable String layersPattern,
    boolean fanInFanOut,
    boolean ensureWeightTying,
    boolean useDora,
    boolean loraBias,
    @Nullable TokenIndices trainableTokenIndices,
    List<LayerRange> layerReplication,
    List<String> targetParameters,
    @Nullable LoftqSpec loftqConfig,
    @Nullable EvaSpec evaConfig,
    @Nullable CordaSpec cordaConfig,
    @Nullable LoraGaSpec loraGaConfig,
    Map<String, List<Slice>> slices)
    implements TargetedSpec {

  public static final String METHOD = "lora";

  public LoraSpec {
    modulesToSave = List.copyOf(modulesToSave);
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    layersToTransform = layersToTransform == null ? null : List.copyOf(layersToTransform);
    layerReplication = List.copyOf(layerReplication);
    targetParameters = List.copyOf(targetParameters);
    slices = copy(slices);
    Problems problems = Problems.in(METHOD);
    RankChecks.rank(problems, rank, 8);
    RankChecks.alpha(problems, alpha);
    RankChecks.dropout(problems, "dropout", dropout);
    LoraChecks.targets(
        problems,
        targetModules,
        excludeModules,
        layersToTransform,
        layersPattern,
        targetParameters);
    TargetedSpec.checkSaved(problems, modulesToSave);
    RankChecks.rankPattern(problems, rankPattern);
    RankChecks.alphaPattern(problems, alphaPattern);
    LoraChecks.tokens(problems, trainableTokenIndices, modulesToSave);
    LoraChecks.replication(problems, layerReplication, bias, targetParameters);
    LoraChecks.combinations(problems, initLoraWeights, useDora, loraBias);
    LoraChecks.slices(problems, slices, initLoraWeights, useDora, loraBias);
    LoraChecks.config(problems, initLoraWeights, LoraInit.LOFTQ, "loftq_config", loftqConfig);
    LoraChecks.config(problems, initLoraWeights, LoraInit.EVA, "eva_config", evaConfig);
    LoraChecks.config(problems, initLoraWeights, LoraInit.CORDA, "corda_config", cordaConfig);
    LoraChecks.config(problems, initLoraWeights, LoraInit.LORA_GA, "lora_ga_config", loraGaConfig);
    if (!targetParameters.isEmpty()) {
      LoraChecks.parameters(problems, dropout, fanInFanOut, useDora, loraBias);
    }
    problems.throwIfAny();
  }

  private static Map<String, List<Slice>> copy(Map<String, List<Slice>> slices) {
    Map<String, List<Slice>> copy = new LinkedHashMap<>();
    slices.forEach((name, parts) -> copy.put(name, List.copyOf(parts)));
    return Collections.unmodifiableMap(copy);
  }

  /** PEFT's defaults. */
  public static LoraSpec defaults() {
    return new LoraSpec(
        8,
        8,
        0,
        null,
        null,
        Bias.NONE,
        false,
        List.of(),
        LoraInit.DEFAULT,
        Map.of(),
        Map.of(),
        null,
        null,
        false,
        false,
        false,
        false,
        null,
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        Map.of());
  }

  @Override
  public String method() {
    return METHOD;
  }

  /** The factor of B A x for a module with this rank and alpha. */
  public double scaling(int ownRank, double ownAlpha) {
    return useRslora ? ownAlpha / Math.sqrt(ownRank) : ownAlpha / ownRank;
  }

  @Override
  public String toString() {
    return json();
  }

  /** A builder initialized with PEFT's defaults. */
  public static Builder builder() {
    return new Builder(PartialSpec.of(LoraSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(LoraSpec.class).over(this));
  }

  /**
   * Collects settings; {@link #build} validates them. Immutable: every method returns a new
   * builder. The order of calls does not matter, except that a later call replaces an earlier one
   * of the same method.
   */
  public static final class Builder {
    private final PartialSpec<LoraSpec> partial;

    private Builder(PartialSpec<LoraSpec> partial) {
      this.partial = partial;
    }

    private Builder with(String component, @Nullable Object value) {
      return new Builder(partial.with(component, value));
    }

    public Builder rank(int rank) {
      return with("rank", rank);
    }

    public Builder alpha(double alpha) {
      return with("alpha", alpha);
    }

    public Builder dropout(double probability) {
      return with("dropout", probability);
    }

    /** Module names, or dotted suffixes of them. */
    public Builder targets(String... names) {
      return targets(Targets.names(names));
    }

    /** The targets; null for the family's default. */
    public Builder targets(@Nullable Targets targets) {
      return with("targetModules", targets);
    }

    /** A regular expression for complete module names. */
    public Builder targetsMatching(String regex) {
      return targets(Targets.regex(regex));
    }

    /** Every linear module except the output layer. */
    public Builder allLinear() {
      return targets(Targets.allLinear());
    }

    public Builder exclude(String... names) {
      return exclude(Targets.names(names));
    }

    /** Target modules to exclude; null for none. */
    public Builder exclude(@Nullable Targets targets) {
      return with("excludeModules", targets);
    }

    public Builder bias(Bias bias) {
      return with("bias", bias);
    }

    /** Scaling alpha / sqrt(rank). */
    public Builder rslora() {
      return rslora(true);
    }

    public Builder rslora(boolean use) {
      return with("useRslora", use);
    }

    /** Adds modules that are trained in full, to those of {@link #modulesToSave(List)}. */
    public Builder modulesToSave(String... names) {
      return new Builder(partial.adding("modulesToSave", List.of(names)));
    }

    /** Sets the modules that are trained in full; the other method adds to them. */
    public Builder modulesToSave(List<String> names) {
      return with("modulesToSave", List.copyOf(names));
    }

    /** Sets the rank patterns; {@link #rankOf} adds to them. */
    public Builder rankPattern(Map<String, Integer> patterns) {
      return with("rankPattern", new LinkedHashMap<>(patterns));
    }

    /** Sets the alpha patterns; {@link #alphaOf} adds to them. */
    public Builder alphaPattern(Map<String, Double> patterns) {
      return with("alphaPattern", new LinkedHashMap<>(patterns));
    }

    /** Restricts adapters to these layers; null for all. */
    public Builder layersIn(@Nullable List<Integer> indices) {
      return with("layersToTransform", indices);
    }

    /**
     * Keeps embeddings and output layer one weight if the model ties them and one of them is saved.
     */
    public Builder ensureWeightTying() {
      return ensureWeightTying(true);
    }

    public Builder ensureWeightTying(boolean tied) {
      return with("ensureWeightTying", tied);
    }

    public Builder init(LoraInit init) {
      return with("initLoraWeights", init);
    }

    /** Settings of the initialization LoftQ; null for PEFT's defaults. */
    public Builder loftq(@Nullable LoftqSpec settings) {
      return with("loftqConfig", settings);
    }

    /** Settings of the initialization EVA; null for PEFT's defaults. */
    public Builder eva(@Nullable EvaSpec settings) {
      return with("evaConfig", settings);
    }

    /** Settings of the initialization CorDA; null for PEFT's defaults. */
    public Builder corda(@Nullable CordaSpec settings) {
      return with("cordaConfig", settings);
    }

    /** Settings of the initialization LoRA-GA; null for PEFT's defaults. */
    public Builder loraGa(@Nullable LoraGaSpec settings) {
      return with("loraGaConfig", settings);
    }

    /** The rank of modules whose name ends with the pattern. */
    public Builder rankOf(String pattern, int rank) {
      return new Builder(partial.adding("rankPattern", pattern, rank));
    }

    /** The alpha of modules whose name ends with the pattern. */
    public Builder alphaOf(String pattern, double alpha) {
      return new Builder(partial.adding("alphaPattern", pattern, alpha));
    }

    /** Restricts adapters to these layers, counted from 0. */
    public Builder layers(Integer... indices) {
      return with("layersToTransform", List.of(indices));
    }

    public Builder layersPattern(@Nullable String name) {
      return with("layersPattern", name);
    }

    public Builder fanInFanOut(boolean transposed) {
      return with("fanInFanOut", transposed);
    }

    /** Trains magnitudes of the weights' rows in addition: DoRA. */
    public Builder dora() {
      return dora(true);
    }

    public Builder dora(boolean use) {
      return with("useDora", use);
    }

    /** Gives B a bias. */
    public Builder loraBias() {
      return loraBias(true);
    }

    public Builder loraBias(boolean has) {
      return with("loraBias", has);
    }

    /** Trains these tokens' rows of the input embeddings. */
    public Builder trainableTokens(Integer... ids) {
      return trainableTokens(new TokenIndices.OfInput(List.of(ids)));
    }

    /** Trains rows of embeddings; null for none. */
    public Builder trainableTokens(@Nullable TokenIndices tokens) {
      return with("trainableTokenIndices", tokens);
    }

    /** Repeats layers of the base, which share its weights and get adapters of their own. */
    public Builder replicateLayers(LayerRange... ranges) {
      return replicateLayers(List.of(ranges));
    }

    public Builder replicateLayers(List<LayerRange> ranges) {
      return with("layerReplication", List.copyOf(ranges));
    }

    /**
     * Gives these parts of a fused projection a pair each, and the other parts none: queries and
     * values of GPT-2's {@code c_attn}, as in the LoRA paper.
     *
     * @param projection its name, or a regular expression for the end of it
     */
    public Builder slice(String projection, Slice... parts) {
      return new Builder(partial.adding("slices", projection, List.of(parts)));
    }

    /** Sets the parts of all fused projections; {@link #slice} adds to them. */
    public Builder slices(Map<String, List<Slice>> parts) {
      return with("slices", new LinkedHashMap<>(parts));
    }

    /** Parameters that get an adapter, by their names or dotted suffixes of them. */
    public Builder targetParameters(String... names) {
      return targetParameters(List.of(names));
    }

    public Builder targetParameters(List<String> names) {
      return with("targetParameters", List.copyOf(names));
    }

    /**
     * @throws SpecException listing all problems
     */
    public LoraSpec build() {
      return partial.build();
    }

    /** The adapter as JSON, or the given values and their problems. */
    @Override
    public String toString() {
      return partial.toString();
    }
  }
}
