package dev.jlora.spec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The checks of a {@link LoraSpec}: its values, and which of PEFT's options exclude each other. */
final class LoraChecks {
  private LoraChecks() {}

  static void sizes(Problems problems, int rank, double alpha, double dropout) {
    problems
        .unless(
            isRank(rank),
            "rank: got %d, expected 1 to %d (8 is a common choice)",
            rank,
            LoraSpec.MAX_RANK)
        .unless(
            isAlpha(alpha),
            "alpha: got %s, expected a number above 0, up to %s (often 1 to 4 times the rank)",
            alpha,
            LoraSpec.MAX_ALPHA)
        .unless(
            dropout >= 0 && dropout < 1,
            "dropout: got %s, expected 0 or more and less than 1",
            dropout);
  }

  private static boolean isRank(int rank) {
    return rank > 0 && rank <= LoraSpec.MAX_RANK;
  }

  private static boolean isAlpha(double value) {
    return value > 0 && value <= LoraSpec.MAX_ALPHA;
  }

  /** With {@code target_parameters}, the list of target modules may be empty. */
  static void targets(
      Problems problems,
      @Nullable Targets targetModules,
      @Nullable Targets excludeModules,
      @Nullable List<Integer> layersToTransform,
      @Nullable String layersPattern,
      List<String> targetParameters) {
    boolean none = targetModules instanceof Targets.Names names && names.names().isEmpty();
    TargetedSpec.checkTargets(
        problems,
        none && !targetParameters.isEmpty() ? null : targetModules,
        excludeModules,
        layersToTransform,
        layersPattern);
    problems.unless(
        targetParameters.stream().noneMatch(String::isBlank),
        "target_parameters: got a blank name in %s",
        targetParameters);
  }

  static void patterns(Problems problems, Map<String, Integer> ranks, Map<String, Double> alphas) {
    ranks.forEach(
        (key, value) -> {
          TargetedSpec.checkRegex(problems, "rank_pattern", key);
          problems.unless(
              isRank(value),
              "rank_pattern '%s': got %d, expected 1 to %d",
              key,
              value,
              LoraSpec.MAX_RANK);
        });
    alphas.forEach(
        (key, value) -> {
          TargetedSpec.checkRegex(problems, "alpha_pattern", key);
          problems.unless(
              isAlpha(value),
              "alpha_pattern '%s': got %s, expected above 0, up to %s",
              key,
              value,
              LoraSpec.MAX_ALPHA);
        });
  }

  static void tokens(Problems problems, @Nullable TokenIndices tokens, List<String> modulesToSave) {
    String key = "trainable_token_indices";
    switch (tokens) {
      case null -> {}
      case TokenIndices.OfInput input -> TokenIndices.check(problems, key, input.ids());
      case TokenIndices.ByName named -> {
        problems.unless(!named.ids().isEmpty(), "%s: got no embedding, expected names", key);
        named
            .ids()
            .forEach(
                (name, ids) -> {
                  TokenIndices.check(problems, "%s '%s'".formatted(key, name), ids);
                  problems.unless(
                      !modulesToSave.contains(name),
                      "%s: got '%s', which modules_to_save trains in full, expected only one of"
                          + " them",
                      key,
                      name);
                });
      }
    }
  }

  static void replication(Problems problems, List<LayerRange> ranges) {
    ranges.forEach(
        range ->
            problems.unless(
                range.start() >= 0 && range.end() > range.start(),
                "layer_replication: got %s, expected a first layer from 0 and the one after the"
                    + " last",
                range.json()));
  }

  static void combinations(Problems problems, LoraInit init, boolean useDora, boolean loraBias) {
    problems
        .unless(
            !loraBias || init.json() instanceof Boolean,
            "lora_bias: got true with init_lora_weights '%s', expected true or false there",
            init.json())
        .unless(!loraBias || !useDora, "lora_bias: got true with use_dora, expected one of them");
  }

  /** The settings that an adapter of a single parameter excludes. */
  static void parameters(
      Problems problems, double dropout, boolean fanInFanOut, boolean useDora, boolean loraBias) {
    String key = "target_parameters: got names with ";
    problems
        .unless(dropout == 0, key + "dropout %s, expected dropout 0", dropout)
        .unless(!fanInFanOut, key + "fan_in_fan_out, expected false")
        .unless(!loraBias, key + "lora_bias, expected false")
        .unless(!useDora, key + "use_dora, expected false");
  }
}
