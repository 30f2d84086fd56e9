package dev.jlora.adapters.tokens;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.InputEmbedding;
import dev.jlora.peft.ModuleNames;
import dev.jlora.spec.TokenIndices;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The embeddings that a method trains in single rows beside its targets, by PEFT's rules for {@code
 * trainable_token_indices}: an output layer that shares the embedding's weight sees the trained
 * rows, unless it is named with other ones.
 */
public final class TrainedTokens {
  /** The parameter's name relative to the module. */
  public static final String ROWS = "token_adapter.trainable_tokens_delta";

  private static final String KEY = "trainable_token_indices";

  private final ModelPlan model;
  private final ModuleNames names;

  private TrainedTokens(ModelPlan model, ModuleNames names) {
    this.model = model;
    this.names = names;
  }

  /**
   * The adapters for these tokens.
   *
   * @param ensureWeightTying whether an output layer must see the rows of the embedding
   * @throws ModelException if a name matches no embedding, a row does not exist, or tied layers
   *     have different rows in spite of {@code ensureWeightTying}
   */
  public static List<AdapterTarget> of(
      ModelPlan model, ModuleNames names, TokenIndices tokens, boolean ensureWeightTying) {
    TrainedTokens trained = new TrainedTokens(model, names);
    return trained.targets(
        switch (tokens) {
          case TokenIndices.OfInput input -> Map.of(inputEmbedding(model), input.ids());
          case TokenIndices.ByName named -> trained.byPath(named);
        },
        ensureWeightTying);
  }

  /** The path of the table of the model's token ids. */
  static String inputEmbedding(ModelPlan model) {
    return module(InputEmbedding.of(model).name());
  }

  private Map<String, List<Integer>> byPath(TokenIndices.ByName tokens) {
    Set<String> there = new LinkedHashSet<>(model.targets().keySet());
    model.tiedWeights().keySet().forEach(weight -> there.add(module(weight)));
    Map<String, List<Integer>> byPath = new LinkedHashMap<>();
    tokens
        .ids()
        .forEach(
            (name, ids) -> {
              List<String> found =
                  there.stream()
                      .filter(
                          path ->
                              names.of(path).stream().anyMatch(it -> ModuleNames.isNamed(it, name)))
                      .toList();
              if (found.isEmpty()) {
                throw new ModelException(
                    "%s: '%s' names no embedding of %s; the nearest are %s"
                        .formatted(
                            KEY, name, model.architecture().name(), Names.some(there, name)));
              }
              found.forEach(path -> byPath.put(path, ids));
            });
    return byPath;
  }

  private List<AdapterTarget> targets(Map<String, List<Integer>> tokens, boolean tying) {
    List<AdapterTarget> targets = new ArrayList<>();
    Set<String> done = new LinkedHashSet<>();
    tokens.forEach(
        (path, ids) -> {
          if (model.targets().containsKey(path)) {
            List<String> tied = tied(model, path);
            for (String other : tied) {
              List<Integer> others = tokens.getOrDefault(other, ids);
              if (tying && !others.equals(ids)) {
                throw new ModelException(
                    ("%s: got %s for %s and %s for %s, which share a weight; give both the same, or"
                            + " leave ensure_weight_tying out")
                        .formatted(KEY, ids, path, others, other));
              }
            }
            List<String> same =
                tied.stream().filter(it -> tokens.getOrDefault(it, ids).equals(ids)).toList();
            done.addAll(same);
            targets.add(new TokensTarget(model.targets().get(path), ROWS, ids, true, same, false));
          }
        });
    tokens.forEach(
        (path, ids) -> {
          if (!model.targets().containsKey(path) && !done.contains(path)) {
            targets.add(new TokensTarget(output(path), ROWS, ids, true, List.of(), false));
          }
        });
    return targets;
  }

  /** The modules that share the weight of an embedding. */
  static List<String> tied(ModelPlan model, String path) {
    return model.tiedWeights().entrySet().stream()
        .filter(tied -> tied.getValue().equals(path + ".weight"))
        .map(tied -> module(tied.getKey()))
        .toList();
  }

  /** An output layer with the weight of an embedding. */
  private TargetModule output(String path) {
    String source = module(model.tiedWeights().get(path + ".weight"));
    TargetModule embedding = model.targets().get(source);
    return new TargetModule(
        path, TargetModule.Kind.LINEAR, embedding.out(), embedding.in(), false, false);
  }

  private static String module(String weight) {
    return weight.substring(0, weight.lastIndexOf('.'));
  }
}
