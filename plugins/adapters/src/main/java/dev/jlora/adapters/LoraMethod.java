package dev.jlora.adapters;

import dev.jlora.adapters.tokens.TrainedTokens;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.model.layers.LayerReplication;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.LayerRange;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.DataPasses;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * LoRA (low-rank adaptation; Hu et al., arXiv 2106.09685), with PEFT's options, defaults and files.
 */
public final class LoraMethod implements TargetedMethod<LoraSpec> {
  static final MethodTraits TRAITS =
      MethodTraits.of("LoRA", "LORA", Kind.LINEAR, Kind.EMBEDDING, Kind.CONVOLUTION)
          .parameter(LoraTarget.A, 0)
          .parameter(LoraTarget.B, 1)
          .parameter(LoraTarget.B_BIAS)
          .parameter(LoraTarget.EMBEDDING_A, 0)
          .parameter(LoraTarget.EMBEDDING_B, 1)
          .parameter(LoraTarget.MAGNITUDE)
          .parameter(TrainedTokens.ROWS)
          .config(LoraConfig.DEFAULTS)
          .refusing(LoraConfig.REFUSED);

  @Override
  public String name() {
    return LoraSpec.METHOD;
  }

  @Override
  public Class<LoraSpec> specType() {
    return LoraSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  /** PEFT's table for LoRA; empty for families that it lacks, such as ViT and DistilBERT. */
  @Override
  public List<String> defaultTargets(String modelType) {
    return switch (modelType) {
      case "bert", "roberta", "xlm-roberta" -> List.of("query", "value");
      case "gpt2" -> List.of("c_attn");
      case "llama", "mistral", "qwen2" -> List.of("q_proj", "v_proj");
      default -> List.of();
    };
  }

  /** LoRA can be combined, unless a setting makes its update more than a product. */
  @Override
  public Optional<String> combinationProblem(LoraSpec spec) {
    return LoraConfig.combinationProblem(spec);
  }

  @Override
  public Architecture model(Architecture declared, LoraSpec spec) {
    return LayerReplication.apply(declared, spec.layerReplication());
  }

  @Override
  public Architecture savedModel(Architecture declared, Path folder) {
    return model(declared, read(folder));
  }

  @Override
  public TargetedPlan<LoraSpec> plan(ModelPlan model, LoraSpec spec, AdapterContext context) {
    requireReplicated(model, spec);
    return TargetedMethod.super.plan(model, spec, context);
  }

  @Override
  public AdapterPlan saved(ModelPlan model, Path folder) {
    requireReplicated(model, read(folder));
    return TargetedMethod.super.saved(model, folder);
  }

  private void requireReplicated(ModelPlan model, LoraSpec spec) {
    if (model(model.architecture(), spec) != model.architecture()) {
      throw new ModelException(
          "layer_replication: the layers of %s are those of the base model, expected them repeated as %s"
              .formatted(
                  model.architecture().name(),
                  spec.layerReplication().stream().map(LayerRange::json).toList()));
    }
  }

  @Override
  public AdapterTargets targets(LoraSpec spec) {
    return new LoraTargets(spec, /* saved= */ false);
  }

  @Override
  public AdapterTargets savedTargets(LoraSpec spec) {
    return new LoraTargets(spec, /* saved= */ true);
  }

  /** The file tells how the base was changed, the job does not. */
  @Override
  public LoraSpec continued(LoraSpec job, LoraSpec saved) {
    boolean changed = job.initLoraWeights().changesBase() || saved.initLoraWeights().changesBase();
    return !changed
        ? job
        : job.toBuilder()
            .init(saved.initLoraWeights())
            .loftq(saved.loftqConfig())
            .eva(null)
            .corda(null)
            .loraGa(null)
            .build();
  }

  @Override
  public boolean readsData(LoraSpec spec) {
    return spec.initLoraWeights().readsData();
  }

  @Override
  public TargetedPlan<LoraSpec> prepared(
      TargetedPlan<LoraSpec> plan, Network network, DataPasses passes) {
    return new LoraPreparation(plan, network, passes).prepared();
  }

  /** EVA's checkpoints have ranks that the job does not tell. */
  @Override
  public TargetedPlan<LoraSpec> resumed(TargetedPlan<LoraSpec> plan, PeftConfig saved) {
    LoraInit init = plan.spec().initLoraWeights();
    if (!init.readsData()) {
      return plan;
    }
    return init.changesBase()
        ? plan.withTargets(
            plan.targets().stream().map(target -> (AdapterTarget) of(target).empty()).toList())
        : plan(plan.model(), LoraConfig.ranked(plan.spec(), saved), plan.context());
  }

  @Override
  public LoraSpec spec(PeftConfig config) {
    return LoraConfig.read(config);
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<LoraSpec> plan) {
    LoraSpec spec = plan.spec();
    boolean doubles =
        plan.targets().stream()
            .limit(1)
            .anyMatch(target -> target instanceof LoraTarget pair && pair.start().doubles());
    boolean transposed =
        spec.targetParameters().isEmpty() // which exclude this setting
            && plan.targets().stream().anyMatch(target -> target.module().transposed());
    LoraSpec stored = doubles ? LoraConfig.doubled(spec) : spec;
    boolean rslora = spec.useRslora();
    return LoraConfig.write(
        config,
        stored.toBuilder()
            .rankPattern(
                withSlices(
                    plan,
                    plan.written(
                        stored.rankPattern(), target -> pair(target).storedRank(), stored.rank()),
                    LoraPair::storedRank))
            .alphaPattern(
                withSlices(
                    plan,
                    plan.written(
                        stored.alphaPattern(),
                        target -> pair(target).storedAlpha(rslora),
                        stored.alpha()),
                    target -> target.storedAlpha(rslora)))
            .slices(Map.of())
            .fanInFanOut(transposed)
            .build());
  }

  /** Patterns with those of sliced projections before them: the first that matches holds. */
  private static <T> Map<String, T> withSlices(
      TargetedPlan<LoraSpec> plan, Map<String, T> patterns, Function<LoraPair, T> value) {
    Map<String, T> all = new LinkedHashMap<>();
    for (AdapterTarget target : plan.targets()) {
      if (target instanceof LoraSlices slices) {
        all.put(slices.path().replace(".", "\\."), value.apply(slices));
      }
    }
    all.putAll(patterns);
    return all;
  }

  private static LoraPair pair(AdapterTarget target) {
    return (LoraPair) target;
  }

  private static LoraTarget of(AdapterTarget target) {
    return (LoraTarget) target;
  }
}
